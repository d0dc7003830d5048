"""Label lists that several datasets share, in the order of the model output."""

from mobile_app.engine.task import Task

EMOTIONS = ("neutral", "joy", "surprise", "anger", "sadness", "disgust", "fear")
SENTIMENTS = ("neutral", "positive", "negative")

EMOTION_TASK = Task("emotion", EMOTIONS)
SENTIMENT_TASK = Task("sentiment", SENTIMENTS)
