// Opens a page from the disk with the network off, checks it with axe-core in light and dark, and uses the search.
// node axe.mjs PAGE NODE_MODULES CHROMIUM -> one JSON object on stdout.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [, , page, modules, executablePath] = process.argv;
const require = createRequire(`${modules}/index.js`);
const { chromium } = require("playwright-core");
const axe = readFileSync(`${modules}/axe-core/axe.min.js`, "utf8");
const found = { errors: [], requests: [], findings: [], shown: [] };
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
for (const colorScheme of ["light", "dark"]) {
  // The policy of the page forbids any other script, axe-core's too.
  const context = await browser.newContext({ colorScheme, offline: true, bypassCSP: true });
  const tab = await context.newPage();
  tab.on("pageerror", (error) => found.errors.push(String(error)));
  tab.on("request", (request) => request.url().startsWith("file:") || found.requests.push(request.url()));
  await tab.goto(pathToFileURL(page).href);
  const search = tab.locator("input[type=search]").first();
  if (await search.count()) {
    await search.fill("no utterance says this");
    found.shown.push(await tab.locator(".tools output").first().textContent());
    await search.fill("");
  }
  await tab.evaluate(axe);
  const { violations } = await tab.evaluate(() => axe.run());
  for (const one of violations) found.findings.push(`${colorScheme} ${one.impact} ${one.id}: ${one.nodes[0].html}`);
  await context.close();
}
await browser.close();
console.log(JSON.stringify(found));
