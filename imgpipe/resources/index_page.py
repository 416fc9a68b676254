"""The page behind the distribution's ``/``: a gallery of what has been processed."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar, Final

from handler.page_settings import PageSettings
from imgpipe.aws.errors import already_gone, or_none
from imgpipe.engine.resource import Live, OwnedPart, Properties, Resource
from imgpipe.gallery.page import ENTRY, page_files
from imgpipe.resources import bucket_adoption
from imgpipe.resources.bucket import Bucket

if TYPE_CHECKING:
    from pathlib import Path

    from imgpipe.aws.account import Aws
    from imgpipe.gallery.page import PageFile

# User metadata that tells our files from somebody's own; the entry's lists them all.
_MARK: Final = "imgpipe-page"
# What earlier releases put, before there was a mark.
_OF_OLD: Final = frozenset({
    "P6Qhvw1iQt87ZfKnhWPdbot488CH7i7Q9WM0tUUNY4A=",
    "YJj5rOm8GHgp3A4ctIMH1jpdM4A16/UXEEs2WwkAGSQ=",
    "neelRsS5SF46diO8B7a4IMVrT97b9gxhfVt5Pqk8wSA=",
    "pvWWboGuP51cxKa9pwKPzSiVULe6zzAEg8a3YHjIrz4=",
})  # fmt: skip
_COMPARED: Final = ("ContentType", "CacheControl", "ChecksumSHA256")


@dataclass(frozen=True)
class IndexPage(OwnedPart):
    """The page's files in ``bucket``, made of a ``template``; ``name`` is the key of its entry.

    Its pictures are made on demand in each of ``widths``, if any.

    An index.html that somebody else put there is theirs: it stays as it is, and so ``OwnEntry``, a
    read-only attribute, says. CloudFormation has no type for an object.
    """

    type: ClassVar[str] = "AWS::S3::Object"
    title: ClassVar[str] = "gallery page"
    bucket: Bucket
    settings: PageSettings = field(default_factory=PageSettings)
    template: Path | None = None
    widths: tuple[int, ...] = ()

    @property
    def owner(self) -> Resource:
        """The bucket."""
        return self.bucket

    @property
    def sought(self) -> bool:
        """Never: who may not look must not take a page for gone that was public."""
        return False

    def properties(self, live: Live) -> Properties:
        """Return each file's headers and the base64 SHA-256 of its bytes.

        Raises:
            SettingsError: there is no such template.
        """
        return {"Files": {key: _described(file) for key, file in self._files().items()}}

    def keeping(self, desired: Properties, live: Properties) -> Properties:
        """Return ``desired`` without the entry where that is somebody's own."""
        if not live["OwnEntry"]:
            return desired
        return {"Files": {key: file for key, file in desired["Files"].items() if key != ENTRY}}

    def read(self, aws: Aws) -> Properties | None:
        """Return the files that are ours, those of another template too; ``None``: none is.

        A file that was put without SHA-256 has none.
        """
        entry = self._head(aws, ENTRY)
        own = entry is not None and not _is_ours(entry)
        listed = entry["Metadata"].get(_MARK, "").split() if entry else []
        keys = {*page_files(PageSettings(), None), *listed} - {ENTRY}
        heads = {key: self._head(aws, key) for key in sorted(keys)} | {ENTRY: entry}
        files = {key: head for key, head in heads.items() if head and _is_ours(head)}
        if not files:
            return None
        found = {
            key: {name: head.get(name, "") for name in _COMPARED} for key, head in files.items()
        }
        return {"Files": found, "OwnEntry": own}

    def require_room(self, aws: Aws) -> None:
        """Raise ``NotOursError`` where the bucket's owner has one of its files but the entry."""
        for key in self._files():
            if key != ENTRY:
                bucket_adoption.require_free(aws, self.bucket.name, key)

    def create(self, aws: Aws, desired: Properties) -> None:
        """Put the files, the entry last; S3 refuses what does not arrive whole."""
        self._bring(aws, {})

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Put the files that differ, and delete those of another template."""
        there = (self.read(aws) or {"Files": {}})["Files"]
        self._bring(aws, there)
        self._delete(aws, set(there) - set(self._files()))

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete our files."""
        self._delete(aws, set(live["Files"]))

    def _files(self) -> dict[str, PageFile]:
        return page_files(self.settings, self.template, self.widths)

    def _bring(self, aws: Aws, there: Properties) -> None:
        files = self._files()
        differ = {key for key, file in files.items() if _described(file) != there.get(key)}
        if files.keys() != there.keys():
            differ.add(ENTRY)  # which lists them
        entry = self._head(aws, ENTRY)
        if entry is not None and not _is_ours(entry):
            differ.discard(ENTRY)
        for key in sorted(differ, key=lambda key: key == ENTRY):
            self._put(aws, key, files[key], " ".join(sorted(files)) if key == ENTRY else "part")

    def _head(self, aws: Aws, key: str) -> Any:
        head = partial(
            aws.client("s3").head_object, Bucket=self.bucket.name, ChecksumMode="ENABLED"
        )
        return or_none(lambda: head(Key=key))

    def _put(self, aws: Aws, key: str, file: PageFile, mark: str) -> None:
        put = partial(aws.client("s3").put_object, Bucket=self.bucket.name, Key=key)
        sent = {"Body": file.body, "Metadata": {_MARK: mark}, "ChecksumAlgorithm": "SHA256"}
        aws.eventually("s3", lambda: put(**sent, **file.headers))

    def _delete(self, aws: Aws, keys: set[str]) -> None:
        with already_gone():
            for key in sorted(keys):
                aws.client("s3").delete_object(Bucket=self.bucket.name, Key=key)


def _described(file: PageFile) -> dict[str, str]:
    return {**file.headers, "ChecksumSHA256": b64encode(sha256(file.body).digest()).decode()}


def _is_ours(head: Properties) -> bool:
    return _MARK in head["Metadata"] or head.get("ChecksumSHA256") in _OF_OLD
