"""The learning rate over the steps of a run."""

from typing import Any

from training.tensorflow import keras, tf


class WarmupLinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Climb linearly from 0 to ``peak`` over the warm-up steps, then fall linearly to 0 at the last step."""

    def __init__(self, peak: float, n_steps: int, n_warmup: int) -> None:
        self.peak, self.n_steps, self.n_warmup = peak, n_steps, n_warmup

    def __call__(self, step: Any) -> Any:
        """Return the rate of a step, counted from 0."""
        step = tf.cast(step, tf.float32)
        climb = (step + 1) / max(1, self.n_warmup)
        fall = (self.n_steps - step) / max(1, self.n_steps - self.n_warmup)
        return self.peak * tf.maximum(0.0, tf.minimum(1.0, tf.minimum(climb, fall)))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"peak": self.peak, "n_steps": self.n_steps, "n_warmup": self.n_warmup}
