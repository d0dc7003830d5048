from tests.engine.conftest import bundle_path

__all__ = ["bundle_path"]
