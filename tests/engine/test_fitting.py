"""Media made to fit on their way: from the archive's file to what the server holds."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from bridge.engine.changes import Changes
from bridge.engine.files import FittedFiles
from bridge.engine.originals import original
from bridge.engine.propose import Wish
from bridge.engine.prospects import Prospects
from bridge.engine.terms import Terms
from bridge.engine.verify import verify
from bridge.errors import ConfigError, MediaError, Unfit
from bridge.fitting import Facts, Recipe, TooBig, Wanted
from bridge.ledger import Ledger
from bridge.media import fit
from bridge.media.cache import Cache
from bridge.media.fit import Fitter
from bridge.posts import Media, MediaType
from bridge.publishers.servers import profile
from bridge.statuses import Limits, MediaRef, Window
from tests.changes import replace
from tests.engine.stage import ACCOUNT, FREE, SOURCE, Files, Stage, post
from tests.media.films import film
from tests.media.generate import PICTURES, bomb, jpeg, moving

MASTODON = profile("mastodon", "4.5.0")
SMALL = replace(MASTODON, image_bytes=60_000)
FILES = {
    "1-small.jpg": jpeg(),
    "2-large.jpg": jpeg(900, 600, noise=0.3, quality=97),
    "3-located.jpg": PICTURES["located.jpg"](),
    "4-text.jpg": b"<html>404</html>",
    "5-empty.jpg": b"",
    "6-bomb.png": bomb(),
    "7-moving.gif": moving("GIF", 300, 200, frames=40, noise=0.5),
    "8-cut.jpg": jpeg(400, 300, noise=0.3)[:-2000],
    "9-film.mp4": film(320, 180, seconds=4, rate=10, noise=0.5, bitrate=3_000_000, sound="aac"),
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "a.zip"
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as packed:
        packed.writestr("1-inner.jpg", FILES["2-large.jpg"])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in FILES.items():
            packed.writestr(f"data/tweets_media/{name}", content)
        packed.writestr("data/tweets_media/more.zip", inner.getvalue())
    return path


def ref(archive: Path, name: str) -> MediaRef:
    member = f"data/tweets_media/{name}"
    return MediaRef(position=0, type=MediaType.IMAGE, file=member, container=str(archive))


def fitter(folder: Path, limits: Limits = SMALL, wanted: Wanted | None = None) -> Fitter:
    cache = Cache(folder / "media", limit=10**9)
    return Fitter(limits=limits, wanted=wanted or Wanted(films=True), cache=cache)


@pytest.fixture
def files(tmp_path: Path) -> Iterator[FittedFiles]:
    with FittedFiles(fitter(tmp_path)) as opened:
        yield opened


def test_an_original_goes_up_byte_by_byte(files: FittedFiles, archive: Path, tmp_path: Path) -> None:
    small = ref(archive, "1-small.jpg")
    file = files.describe(small)
    with files.open(small) as stream:
        assert stream.read() == FILES["1-small.jpg"]
    assert (file.name, file.size) == ("1-small.jpg", len(FILES["1-small.jpg"]))
    assert not (tmp_path / "media").exists()


@pytest.mark.parametrize("name", ["2-large.jpg", "more.zip!/1-inner.jpg", "3-located.jpg"])
def test_what_goes_up_is_what_was_described(files: FittedFiles, archive: Path, name: str) -> None:
    large = ref(archive, name)
    file = files.describe(large)
    with files.open(large) as stream:
        content = stream.read()
    assert (len(content), file.mime_type) == (file.size, "image/jpeg")
    assert file.size < SMALL.image_bytes
    assert content != FILES.get(name)
    Image.open(io.BytesIO(content)).load()


def test_a_film_goes_up_smaller(archive: Path, tmp_path: Path) -> None:
    with FittedFiles(fitter(tmp_path, replace(MASTODON, video_bytes=150_000))) as files:
        assert files.describe(ref(archive, "9-film.mp4")).size < 150_000
    with FittedFiles(fitter(tmp_path / "x", replace(MASTODON, video_bytes=150_000), Wanted())) as files:
        missing = pytest.raises(Unfit, match=r"passerelle\[video\]")
        with missing:
            files.describe(ref(archive, "9-film.mp4"))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("4-text.jpg", "neither a picture nor a film"),
        ("5-empty.jpg", "is empty"),
        ("6-bomb.png", "megapixels"),
        ("7-moving.gif", "however small"),
        ("8-cut.jpg", "damaged"),
    ],
)
def test_what_cannot_go_up_is_a_sentence(files: FittedFiles, archive: Path, name: str, sentence: str) -> None:
    with pytest.raises(Unfit, match=sentence):
        files.describe(ref(archive, name))


def test_a_missing_file_is_missing_and_not_unfit(files: FittedFiles, archive: Path, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="missing") as caught:
        files.describe(MediaRef(position=0, type=MediaType.IMAGE, file=None))
    assert not isinstance(caught.value, Unfit)
    with pytest.raises(ConfigError, match="not there"):
        files.describe(ref(tmp_path / "elsewhere.zip", "1-small.jpg"))


def test_a_second_run_computes_nothing(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["2-large.jpg", "3-located.jpg"]
    with FittedFiles(fitter(tmp_path)) as files:
        first = [files.describe(ref(archive, name)) for name in names]
    made: list[Recipe] = []
    carry_out = fit._carried_out

    def counted(recipe: Recipe, *rest: object) -> Path:
        made.append(recipe)
        return carry_out(recipe, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(fit, "_carried_out", counted)
    with FittedFiles(fitter(tmp_path)) as files:
        assert [files.describe(ref(archive, name)) for name in names] == first
    assert made == []
    next((tmp_path / "media").glob("*.jpg")).write_bytes(b"damaged")
    with FittedFiles(fitter(tmp_path)) as files:
        assert [files.describe(ref(archive, name)) for name in names] == first
    assert len(made) == 1


def test_what_the_cache_lost_before_it_went_up_is_made_again(
    files: FittedFiles, archive: Path, tmp_path: Path
) -> None:
    large = ref(archive, "2-large.jpg")
    size = files.describe(large).size
    for path in (tmp_path / "media").iterdir():
        path.unlink()
    with files.open(large) as stream:
        assert len(stream.read()) == size


def test_the_next_are_worked_on_while_the_first_is_sent(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are in work at once, though nobody has asked for the second yet."""
    together = threading.Barrier(2, timeout=20)
    carry_out = fit._carried_out

    def meeting(*given: object) -> Path:
        together.wait()
        return carry_out(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(fit, "_carried_out", meeting)
    pair = [ref(archive, "2-large.jpg"), ref(archive, "3-located.jpg")]
    with FittedFiles(fitter(tmp_path), workers=2) as files:
        assert not files.ready(pair[0], seconds=0.0)
        files.expect(pair)
        assert files.describe(pair[0]).size
        assert files.ready(pair[1], seconds=20.0)


# --- what becomes of the posts


def unfit(ledger: Ledger, text: str = "A hall") -> Stage:
    stage = Stage(ledger)
    said = replace(post(1, text=text, media=2), url="https://twitter.com/museum/status/1001")
    stage.plan([said, post(2)], Wish(limits=FREE))
    stage.files.unfit = {"m/1-0.png"}
    return stage


@pytest.mark.parametrize("policy", ["fit", "hold"])
def test_a_person_decides_about_what_cannot_go_up(ledger: Ledger, policy: TooBig) -> None:
    stage = unfit(ledger)
    done = stage.run(Terms(too_big=policy))
    assert (done.published, done.failed) == (1, 1)
    assert "media.too_big" in stage.notes.failures[0][1]
    assert stage.server.uploads.keys() <= {"1"}  # the other picture may lie there, unattached


def test_it_goes_without_where_that_was_chosen(ledger: Ledger) -> None:
    stage = unfit(ledger)
    assert stage.run(Terms(too_big="skip")).published == 2
    assert stage.notes.codes == ["MEDIA_SKIPPED"]
    assert len(stage.server.statuses[0].media_ids) == 1
    assert "https://twitter.com" not in (stage.server.statuses[0].text or "")


@pytest.mark.parametrize("crash", [None, "after"])
def test_it_goes_with_a_link_once_where_that_was_chosen(ledger: Ledger, crash: str | None) -> None:
    from tests.engine.stage import Crash

    stage = unfit(ledger)
    stage.server.crashes = [crash]
    if crash:
        with pytest.raises(Crash):
            stage.run(Terms(too_big="link"))
        stage.restart()
    stage.run(Terms(too_big="link"))
    assert len(stage.server.statuses) == 2
    assert "https://twitter.com/museum/status/1001" in (stage.server.statuses[0].text or "")
    assert found_as_sent(stage)


def found_as_sent(stage: Stage) -> bool:
    """What went without a file is neither altered nor changed afterwards."""
    findings = verify(stage.ports(), Terms()).findings
    changes = list(Changes(stage.ledger, SOURCE, Wish(limits=FREE), ACCOUNT))
    return (findings, changes) == ((), [])


@pytest.mark.parametrize("policy", ["skip", "link"])
@pytest.mark.parametrize("lost", ["m/1-1.png", "m/1-4.png"])
def test_a_post_of_several_statuses_that_lacks_a_file_is_not_changed_by_that(
    ledger: Ledger, policy: TooBig, lost: str
) -> None:
    stage = Stage(ledger)
    stage.plan([replace(post(1, media=5), url="https://twitter.com/museum/status/1001")], Wish(limits=FREE))
    stage.files.unfit = {lost}
    assert stage.run(Terms(too_big=policy)).published == 2
    assert sum(len(receipt.media_ids) for receipt in stage.server.statuses) == 4
    assert found_as_sent(stage)


def test_the_pool_is_told_what_comes_next(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(n, media=1) for n in range(1, 101)])
    stage.run()
    assert stage.files.expected[:64] == [f"m/{n}-0.png" for n in range(1, 65)]
    assert set(stage.files.expected) == {f"m/{n}-0.png" for n in range(1, 101)}


# --- what the preview tells


def medium(archive: Path, name: str, kind: MediaType = MediaType.IMAGE) -> Media:
    return Media(type=kind, file=f"data/tweets_media/{name}", container=str(archive), size=len(FILES[name]))


def test_only_what_may_exceed_a_limit_is_opened(archive: Path) -> None:
    opened = []

    def opener(of: Media) -> io.BytesIO:
        opened.append(of.file)
        return io.BytesIO(original(of).read())

    prospects = Prospects(SMALL, Wanted(films=True), opener)
    fates = {name: prospects(0, medium(archive, name)) for name in FILES if name != "9-film.mp4"}
    again = {name: prospects(0, medium(archive, name)) for name in FILES if name != "9-film.mp4"}
    looked = ("2-large.jpg", "5-empty.jpg", "7-moving.gif", "8-cut.jpg")
    assert opened == [f"data/tweets_media/{name}" for name in looked]
    assert fates == again
    assert [name for name, fate in fates.items() if fate and not fate.fits] == ["5-empty.jpg"]
    large = fates["2-large.jpg"]
    assert large is not None
    assert (large.facts.width, large.facts.size) == (900, len(FILES["2-large.jpg"]))


def test_after_fitting_the_sizes_are_known(archive: Path, tmp_path: Path) -> None:
    refs = [ref(archive, name) for name in FILES]
    with FittedFiles(fitter(tmp_path)) as files:
        outcomes = {(at.container, at.file): outcome for at, outcome in files.all_fitted(refs)}
    prospects = Prospects(SMALL, Wanted(films=True), original, fitted=outcomes)
    fates = {name: prospects(0, medium(archive, name)) for name in FILES}
    assert [name for name, fate in fates.items() if fate is None] == ["1-small.jpg", "9-film.mp4"]
    assert [name[0] for name, fate in fates.items() if fate and not fate.fits] == ["4", "5", "6", "7", "8"]
    large = fates["2-large.jpg"]
    assert large is not None
    assert large.after is not None
    assert isinstance(large.after, Facts)
    assert large.after.size < SMALL.image_bytes


class SlowFiles(Files):
    """Files that are ready at a certain time; whoever asks for one before then waits."""

    def __init__(self, stage: Stage, seconds: dict[str, int]) -> None:
        super().__init__()
        self.stage = stage
        self.at = {file: stage.time.now() + timedelta(seconds=each) for file, each in seconds.items()}

    def ready(self, ref: MediaRef, *, seconds: float) -> bool:
        self.stage.time.sleep(seconds)
        return self.stage.time.now() >= self.at.get(ref.file or "", self.stage.time.now())


def test_nothing_waits_for_media_but_their_own_status(ledger: Ledger) -> None:
    """A film of the fourth post takes five minutes; the texts before it go at the pace of the window."""
    stage = Stage(ledger, replace(FREE, windows=(Window(name="statuses", limit=1, seconds=60),)))
    stage.plan([post(n, media=1 if n == 4 else 0) for n in range(1, 7)])
    stage.files = SlowFiles(stage, {"m/4-0.png": 300})
    start = stage.time.now()
    stage.run()
    sent = [(at - start).total_seconds() for at in stage.server.sent_at]
    assert sent == pytest.approx([0, 62, 124, 300, 362, 424], abs=3)


def test_a_person_can_stop_while_a_film_is_made(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1, media=1)])
    stage.files = SlowFiles(stage, {"m/1-0.png": 10**6})
    asked = iter([False, False, False, False, False])
    done = stage.run(stop=lambda: next(asked, True))
    assert (done.published, done.stopped, done.remaining) == (0, "signal", 1)
