"""Programs that change files, disks and processes, and those that look for files."""

from collections.abc import Sequence

from diagnose.diagnosis.commands.call import By, Call, Rule, short
from diagnose.diagnosis.commands.finding import (
    CHANGING,
    DESTRUCTIVE,
    Finding,
    changes,
    destroys,
    reads,
    worst,
)
from diagnose.diagnosis.commands.listing import listed
from diagnose.diagnosis.commands.programs.kinds import Always
from diagnose.diagnosis.commands.redirections import NOWHERE
from diagnose.diagnosis.commands.shell.words import Word

FIND_TESTS = set(
    listed(
        "amin anewer atime cmin cnewer ctime fstype gid group ilname iname inum ipath iregex "
        "iwholename links lname mmin mtime name newer newermt path perm regex regextype "
        "samefile size type uid used user wholename xtype maxdepth mindepth printf context"
    )
)
"""With one value."""
FIND_FLAGS = set(
    listed(
        "empty executable false nogroup nouser readable true writable not a and o or daystart "
        "depth d follow ignore_readdir_race mount noleaf xdev warn nowarn ls print print0 "
        "prune quit H L P E X x"
    )
)
FIND_RUNS = {"-exec", "-execdir", "-ok", "-okdir"}


def _find(call: Call) -> Finding:
    """Every word beginning with a dash must be a test or an action that is known."""
    findings, words, at = [reads("find only reads")], list(call.words), 0
    while at < len(words):
        word = words[at]
        name = word.text.lstrip("-")
        at += 1
        if word.text == "-delete":
            findings.append(destroys("find -delete deletes what it finds"))
        elif word.text in FIND_RUNS:
            end = next((i for i in range(at, len(words)) if _ends(words, i)), len(words))
            findings.append(call.command([_found(each) for each in words[at:end]]))
            at = end + 1
        elif word.may_be_option or (word.text.startswith("-") and name not in FIND_TESTS | FIND_FLAGS):
            findings.append(changes(f"find: “{short(word.text)}” is not known here"))
        elif word.text.startswith("-") and name in FIND_TESTS:
            if at < len(words) and words[at].several:
                findings.append(changes(f"find: “{short(words[at].text)}” may turn into more words"))
            at += 1
    return worst(findings)


def _ends(words: Sequence[Word], at: int) -> bool:
    """Whether the command that `find` runs ends here."""
    return words[at].text == ";" or (words[at].text == "+" and words[at - 1].text == "{}")


def _found(word: Word) -> Word:
    if "{}" not in word.text:
        return word
    return Word(word.text, made=True, leads=word.leads, several=word.several)


def _dd(call: Call) -> Finding:
    target = [word for word in call.words if word.text.startswith("of=") or word.may_be_option]
    if all(word.text.partition("=")[2] in NOWHERE for word in target):
        return reads("dd only reads", "It reads a lot from a disk.")
    return destroys(f"dd overwrites {short(target[-1].text.partition('=')[2])}")


MILDER = {f"-{sig}{name}" for sig in ("", "SIG") for name in ("HUP", "QUIT", "USR1", "USR2")} | {"-1", "-3"}


def _kill(call: Call) -> Finding:
    first, *others = [word.text for word in call.words] or [""]
    plain = not any(text.startswith("-") for text in others)
    if first in ("-0", "-l", "-L") and plain:
        return reads(f"{call.name} {first} only asks")
    if first in MILDER and plain and not any(word.made for word in call.words):
        return changes(f"{call.name} {first} sends a signal, on which some programs end")
    return destroys(f"{call.name} ends processes")


def _rsync(call: Call) -> Finding:
    texts: Sequence[str] = [word.text for word in call.words]
    if any(text.startswith(("--del", "--remove-s")) for text in texts):
        return destroys("rsync deletes files")
    return changes("rsync copies over files")


def _chmod(call: Call) -> Finding:
    texts = [word.text for word in call.words]
    if any(text in ("/", "/*", "~", "/etc", "/usr", "/var") for text in texts):
        return destroys(f"{call.name} takes away who may use the whole system")
    return changes(f"{call.name} changes who may use files")


FILES: dict[str, Rule] = {
    **dict.fromkeys(
        listed("rm rmdir unlink shred truncate wipefs srm"),
        Always(DESTRUCTIVE, "deletes files or what is in them"),
    ),
    **dict.fromkeys(
        listed(
            "mkfs mkfs.ext4 mkfs.ext3 mkfs.xfs mkfs.btrfs mkfs.vfat mke2fs mkswap fdisk sfdisk "
            "gdisk sgdisk parted cfdisk blkdiscard pvremove vgremove lvremove"
        ),
        Always(DESTRUCTIVE, "destroys what is on a disk"),
    ),
    **dict.fromkeys(
        listed("mv cp ln touch mkdir install scp sftp split csplit patch"), Always(CHANGING, "changes files")
    ),
    **dict.fromkeys(listed("vi vim nvim nano emacs ed visudo sudoedit"), Always(CHANGING, "edits files")),
    **dict.fromkeys(listed("chmod chown chgrp chattr setfacl"), By(_chmod)),
    **dict.fromkeys(listed("kill pkill killall skill"), By(_kill)),
    **dict.fromkeys(
        listed("reboot shutdown halt poweroff init telinit"), Always(DESTRUCTIVE, "stops the whole machine")
    ),
    "rsync": By(_rsync),
    "dd": By(_dd),
    "find": By(_find),
}
