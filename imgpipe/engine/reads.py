"""Read all resources at once, and tell ours from somebody else's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from imgpipe.aws.errors import lacks_permission, translated
from imgpipe.engine.resource import Properties, Resource
from imgpipe.errors import NotOursError, ServiceError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

Reads = Mapping[Resource, "Future[Properties | None]"]


@contextmanager
def reading(resources: Collection[Resource], aws: Aws) -> Iterator[Reads]:
    """Start reading every resource at once: what is there does not depend on how it was made."""
    with _pool(len(resources)) as pool:
        yield {resource: pool.submit(_read, resource, aws) for resource in resources}


@contextmanager
def reading_for_setup(resources: Collection[Resource], aws: Aws) -> Iterator[Reads]:
    """Start reading every resource, dependencies first; of what is not wanted, what is ours.

    That is taken away from its top to its ground. So where nothing of its ground is there it is not
    looked for: what was never switched on costs one call.
    """
    reads: dict[Resource, Future[Properties | None]] = {}
    with _pool(len(resources)) as pool:
        for resource in resources:
            if resource.wanted:
                reads[resource] = pool.submit(_read, resource, aws)
            else:
                needs = [reads[each] for each in resource.dependencies if not each.wanted]
                reads[resource] = pool.submit(_read_of_ours, resource, aws, needs)
        yield reads


@contextmanager
def _pool(width: int) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(max_workers=max(1, width), thread_name_prefix="read")
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def read_all(resources: Collection[Resource], aws: Aws) -> Reads:
    """Read every resource at once; return when all are answered, or have failed."""
    with reading(resources, aws) as reads:
        wait(reads.values())
    return reads


def read_for_setup(resources: Collection[Resource], aws: Aws) -> Reads:
    """Read as ``reading_for_setup``; return when all are answered, or have failed."""
    with reading_for_setup(resources, aws) as reads:
        wait(reads.values())
    return reads


def _read(resource: Resource, aws: Aws) -> Properties | None:
    try:
        with translated():
            return resource.read(aws)
    except ServiceError as error:
        if resource.sought and lacks_permission(error):
            return None
        raise


def _read_of_ours(
    resource: Resource, aws: Aws, needs: Iterable[Future[Properties | None]]
) -> Properties | None:
    ground = [each.result() for each in needs]
    if ground and not any(ground):
        return None
    try:
        live = _read(resource, aws)
    except NotOursError:
        return None
    return live if live is not None and resource.owned(live) else None


def require_ours(resource: Resource, reads: Reads) -> Properties | None:
    """Return what was read of ``resource``; ``NotOursError`` if its owner is somebody else's."""
    live = reads[resource].result()
    if live is not None and (error := not_ours(resource.owner, reads)) is not None:
        raise error
    return live


def not_ours(owner: Resource, reads: Reads) -> NotOursError | None:
    """Return the error that says that ``owner`` is somebody else's; ``None`` = ours, or absent."""
    try:
        live = reads[owner].result()
    except NotOursError as error:
        return error
    if live is None or owner.owned(live):
        return None
    return owner.not_ours(live)


def require_usable(resource: Resource, reads: Reads) -> Properties | None:
    """Return what ``require_ours`` does, or what is to be made ours."""
    if being_adopted(resource.owner, reads):
        return reads[resource].result()
    return require_ours(resource, reads)


def being_adopted(owner: Resource, reads: Reads) -> bool:
    """Say whether ``owner`` is there, not ours, and to be made ours."""
    live = reads[owner].result()
    return live is not None and not owner.owned(live) and owner.adoptable(live)


def ours(reads: Reads) -> dict[Resource, Properties]:
    """Return the live state of every resource that is there, and ours."""
    found = {}
    for resource in reads:
        with suppress(NotOursError):
            if (live := require_ours(resource, reads)) is not None:
                found[resource] = live
    return found


def require_room(resource: Resource, aws: Aws, reads: Reads) -> None:
    """Raise where a part of what is being adopted would take the place of somebody else's."""
    if resource.owner != resource and being_adopted(resource.owner, reads):
        with translated():
            resource.require_room(aws)
