"""What the served version makes of pictures: it was set up before, perhaps from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from handler import schema
from handler.recipe import Recipe
from imgpipe.aws.errors import absent
from imgpipe.errors import not_set_up
from imgpipe.pipeline.live import served_function

if TYPE_CHECKING:
    from imgpipe.pipeline import Pipeline


@dataclass(frozen=True)
class Served:
    """The recipe, what rows say of it and of the code, and the MB of memory.

    ``fingerprint`` is empty where an older release was set up.
    """

    recipe: Recipe
    fingerprint: str
    memory: int
    architecture: str

    @property
    def renditions(self) -> list[str]:
        """The names of what each picture becomes."""
        return [rendition.name for rendition in self.recipe.renditions]


def served(pipeline: Pipeline) -> Served:
    """Return what the alias serves (``lambda:GetFunction``).

    Raises:
        NotSetUpError: there is no function.
    """
    try:
        found = served_function(pipeline)["Configuration"]
    except ClientError as error:
        if absent(error):
            raise not_set_up() from error
        raise
    variables = found["Environment"]["Variables"]
    return Served(
        Recipe.from_json(variables.get(schema.RECIPE, "{}")),
        variables.get(schema.FINGERPRINT, ""),
        found["MemorySize"],
        found["Architectures"][0],
    )
