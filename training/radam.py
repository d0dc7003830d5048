"""Rectified Adam: adaptive steps only once enough gradients were seen to know how large they are."""

from typing import Any

from training.tensorflow import keras, tf


class RAdam(keras.optimizers.Adam):  # type: ignore[misc]
    """Adam with the variance of its step size rectified (Liu et al. 2020, algorithm 2).

    Takes what Adam takes. In the first steps, in which the estimate of the squared gradient has no bounded variance,
    it goes by momentum alone.
    """

    def update_step(self, gradient: Any, variable: Any) -> None:
        """Change a variable by its gradient, a dense tensor."""
        place = self._index_dict[self._var_key(variable)]
        momentum, velocity = self._momentums[place], self._velocities[place]
        step = tf.cast(self.iterations + 1, variable.dtype)
        beta_1, beta_2 = (tf.cast(beta, variable.dtype) for beta in (self.beta_1, self.beta_2))
        left_1, left_2 = 1.0 - tf.pow(beta_1, step), 1.0 - tf.pow(beta_2, step)
        momentum.assign_add((gradient - momentum) * (1.0 - beta_1))
        velocity.assign_add((tf.square(gradient) - velocity) * (1.0 - beta_2))
        # How many gradients the moving average of their squares is worth: at the end, and now.
        longest = 2.0 / (1.0 - beta_2) - 1.0
        length = longest - 2.0 * step * tf.pow(beta_2, step) / left_2
        known = tf.maximum(length, 5.0)  # keeps the branch that is not taken finite
        rectified = tf.sqrt((known - 4.0) * (known - 2.0) * longest / ((longest - 4.0) * (longest - 2.0) * known))
        direction = momentum / left_1
        adapted = rectified * direction / (tf.sqrt(velocity / left_2) + self.epsilon)
        rate = tf.cast(self.learning_rate, variable.dtype)
        variable.assign_sub(rate * tf.where(length > 5.0, adapted, direction))
