"use strict";
const browse = (browser) => {
  const table = browser.querySelector("table");
  const tools = browser.querySelector(".tools");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const search = tools.querySelector("input");
  const filters = [...tools.querySelectorAll("select")];
  const shown = tools.querySelector("output");

  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const fits = filters.every((one) => !one.value || row.dataset[one.name] === one.value);
      row.hidden = !(fits && words.every((word) => text.includes(word)));
      count += !row.hidden;
    }
    shown.textContent = `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")} shown`;
  };

  const sort = (heading, column) => {
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of heading.parentNode.cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim().toLowerCase();
    const numeric = heading.classList.contains("number");
    rows.sort((a, b) => {
      const order = numeric ? value(a) - value(b) : value(a).localeCompare(value(b));
      return down ? -order : order;
    });
    body.append(...rows);
  };

  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => sort(heading, column));
  });
  search.addEventListener("input", show);
  filters.forEach((one) => one.addEventListener("change", show));
  tools.hidden = false;
  show();
};
document.querySelectorAll(".flip-browser").forEach(browse);
