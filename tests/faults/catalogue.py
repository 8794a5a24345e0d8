"""The fault catalogue: what can go wrong, and what this product promises then.

A test that proves an entry carries ``@pytest.mark.fault("<id>")``; it may carry several. ``make faults``
runs exactly these tests and prints one line per entry; an entry without a test that ran is not held.

A negative control carries ``@pytest.mark.control("<id>")``: it switches one protection off and passes
only if the test of that protection then fails. Without it nobody knows whether the test sees anything.
"""

from __future__ import annotations

from dataclasses import dataclass

MARKS = ("fault", "control")


@dataclass(frozen=True, slots=True)
class Entry:
    """``area`` groups the table; ``title`` is the fault, ``promise`` its outcome for the user."""

    id: str
    area: str
    title: str
    promise: str


@dataclass(frozen=True, slots=True)
class Control:
    """A protection that is switched off, and what the test of it must then see."""

    id: str
    off: str
    seen: str


def _area(area: str, *rows: tuple[str, str, str]) -> tuple[Entry, ...]:
    return tuple(Entry(f"{area}.{name}", area, title, promise) for name, title, promise in rows)


_NETWORK = _area(
    "network",
    (
        "refused_30_days",
        "connection refused for 30 days, 5,000 acts recorded meanwhile",
        "all 5,000 arrive once; the line is tried a bounded number of times",
    ),
    (
        "dns_30_days",
        "no name look-up for 30 days, 5,000 acts recorded meanwhile",
        "all 5,000 arrive once; the line is tried a bounded number of times",
    ),
    ("cut_before_request", "cut before the request is out", "nothing happened; it is sent again"),
    (
        "cut_after_commit",
        "cut after the platform committed, before the answer",
        "sent again, de-duplicated: one effect",
    ),
    (
        "cut_mid_response",
        "cut in the answer, at every offset",
        "no part of a cut answer counts; one effect",
    ),
    (
        "close_delimited",
        "answer without a length, ended by closing early",
        "recognised as cut; nothing of it counts",
    ),
    ("truncated_gzip", "compressed answer cut short", "recognised as cut; nothing of it counts"),
    ("bit_flip", "one bit turned over on the way", "the digest refuses the answer; one effect"),
    (
        "replayed_3x",
        "the same request arrives three times at once",
        "one effect; three answers that say the same",
    ),
    (
        "random_5xx",
        "half of all answers are 5xx",
        "everything arrives once; tried at a bounded rate",
    ),
    (
        "http_429",
        "429 with seconds, with a date, absurd, without Retry-After",
        "waited for, 15 minutes at the most; then everything arrives",
    ),
    (
        "slow_drip",
        "bytes come one by one, in the answer and in the request",
        "given up at a deadline on both sides; nothing is lost",
    ),
    (
        "slow_loris",
        "a peer that begins to talk and never ends, on both sides",
        "given up at a deadline on both sides; others are served meanwhile",
    ),
    ("tls_expired", "certificate expired", "nothing is sent; says what is wrong; acts are kept"),
    ("tls_wrong_host", "certificate of another host", "nothing is sent; says so; acts are kept"),
    ("tls_unknown_ca", "certificate of an unknown authority", "nothing is sent; acts are kept"),
    ("captive_portal", "captive portal: HTML with 200", "not the platform: nothing changes"),
    ("foreign_json", "some other service's JSON with 200", "not the platform: nothing changes"),
    ("empty_json", "an empty {} with 200", "not the platform: nothing changes"),
    (
        "half_open_poll",
        "the peer of a long poll is gone without a word",
        "the poll ends at its deadline; a new act does not wait for it",
    ),
    (
        "flapping",
        "2 s up, 3 s down, 300 ms, 256 kbit/s, 5 % loss",
        "everything arrives once, in spite of it",
    ),
)

_ANSWERS = _area(
    "answers",
    ("never_sent", "results for acts never sent", "they change nothing"),
    ("missing", "results missing for acts sent", "the acts stay and go again"),
    (
        "deferred_forever",
        "one act deferred for ever",
        "all others pass; it is tried at a bounded rate and its reason is shown",
    ),
    (
        "rejected_head",
        "the act at the head of the queue is rejected",
        "it stays visible with its reason; those behind it pass",
    ),
    (
        "other_state",
        "the digest in place of an order is of another state than the seat's",
        "nothing is taken for the platform's; the order comes whole with the next page",
    ),
    ("no_pack", "a pack is cut short, no pack, or would fill the memory", "nothing changes"),
)

_STORAGE = _area(
    "storage",
    (
        "disk_full",
        "disk full at each write",
        "the saved text is still in the editor; nothing saved is lost",
    ),
    ("kill_each_step", "kill -9 at each step", "every act the screen called saved is there"),
    (
        "lost_writes",
        "power cut: writes not synced are lost",
        "every act the screen called saved is there",
    ),
    ("zeroed_page", "a page of the store is zeroed", "rebuilt; no unsent act lost"),
    ("truncated_file", "the store's file is cut short", "rebuilt; no unsent act lost"),
    ("lost_wal", "the write-ahead log is gone", "rebuilt; no unsent act lost"),
    ("two_instances", "two programs on one store", "the second one does not open it and says so"),
    ("copied_store", "the store copied to a second computer", "both go on; every act arrives once"),
    (
        "torn_journal",
        "the journal of unsent acts is cut off or spoilt",
        "every whole entry is read, nothing else is made of the rest; the store mends it",
    ),
    (
        "killed_migration",
        "kill -9 anywhere in a migration",
        "the old or the new store stands, whole; nothing is lost",
    ),
    (
        "old_backup",
        "going back to a backup",
        "what was recorded since stays; every act arrives once",
    ),
    (
        "wrong_passphrase",
        "wrong passphrases, again and again",
        "each waits longer, also across starts; the right one opens",
    ),
    (
        "nothing_readable",
        "the folder is read while the program runs, and after it was killed",
        "no name, phone, text, token or passphrase stands readable in any file",
    ),
)

_TIME = _area(
    "time",
    (
        "year_off",
        "the computer's clock a year ahead or behind",
        "due times do not move; acts made then are flagged",
    ),
    (
        "suspend_8h",
        "asleep for 8 hours",
        "countdowns right at once; the line is taken up by itself",
    ),
    (
        "reboot",
        "restarted without a network",
        "countdowns continue on the last known platform time",
    ),
    (
        "server_wrong_3h",
        "the platform's clock 3 h wrong, then right",
        "the seat follows it, and back; due times do not move; every alarm comes, once",
    ),
)

_SERVER = _area(
    "server",
    (
        "restored_1h",
        "platform restored from a backup 1 h old",
        "seats give back what it lost; each act once",
    ),
    (
        "restored_3d",
        "platform restored from a backup 3 d old",
        "seats give back what it lost; each act once",
    ),
    (
        "wiped",
        "platform empty at the same address",
        "the seat stops and says so; nothing is deleted or sent",
    ),
    (
        "another",
        "another platform at the address",
        "the seat stops and says so; nothing is deleted or sent",
    ),
    (
        "protocol_too_new",
        "platform speaks only a newer protocol",
        "says that the seat must be updated; acts are kept",
    ),
    (
        "protocol_too_old",
        "platform speaks only an older protocol",
        "says that the platform must be updated; acts are kept",
    ),
    (
        "killed_under_load",
        "platform killed with SIGKILL under load",
        "every act arrives once; no revision is missing",
    ),
    ("deadlock", "PostgreSQL reports a deadlock", "the transaction is repeated; one effect"),
    (
        "failover",
        "a PostgreSQL standby takes over without the last commits, under running processes",
        "no process goes on from what it remembers; what others wrote since stands",
    ),
    (
        "serialization",
        "PostgreSQL reports a serialization failure",
        "the transaction is repeated; one effect",
    ),
    (
        "reconnect_500",
        "500 clients come back at once",
        "all are served in bounded time; each act once",
    ),
)

_PEOPLE = _area(
    "people",
    (
        "act_pairs",
        "every pair of act kinds on one order, made offline",
        "comes out as the table says, the same on all seats; both texts kept; who decides is asked",
    ),
    (
        "sign_while_edited",
        "the secretary signs while the dispatcher edits",
        "the signature is stale and goes back, never carried over",
    ),
    (
        "withdrawn",
        "withdrawn upstream while worked on",
        "the platform's state stands; the local text is kept on the order",
    ),
    ("token_expired", "the token expires between two batches", "renewed by itself; each act once"),
    (
        "refresh_lost",
        "the answer to a renewal is lost",
        "the old one still works; nobody is signed out",
    ),
    (
        "revoked",
        "account closed while offline with 20 acts waiting",
        "nothing enters under that name; all 20 kept and visible",
    ),
    ("two_users", "two people on one computer", "each act goes only under its own name"),
    (
        "left_township",
        "the order leaves the township while edited",
        "the seat learns it; the text is kept and the act answered",
    ),
)

_FILES = _area(
    "files",
    ("cut", "upload cut", "goes on where it stopped; stored once"),
    (
        "offset_lost",
        "the platform knows less, or more, of an upload than was sent",
        "asked again and continued from its word",
    ),
    ("expired", "the upload has expired at the platform", "begun again; stored once"),
    (
        "wrong_checksum",
        "a piece or the whole does not match its checksum",
        "refused, not stored; sent again",
    ),
    (
        "source_changed",
        "the source file changes after it was attached",
        "what was attached is what arrives",
    ),
    (
        "one_gb",
        "a file of 1 GB",
        "refused with words at the seat; the platform takes it in pieces or says too big, in bounded memory",
    ),
    ("zero_bytes", "a file of 0 bytes", "refused with words, or arrives whole"),
    ("photos_500", "500 photos waiting", "all arrive once; acts and orders do not wait for them"),
    ("long_names", "long Chinese file names", "kept and shown whole"),
)

_STICK = _area(
    "stick",
    (
        "outbox_by_usb",
        "no network at all: outbox by USB stick",
        "taken in at the center, de-duplicated when the line is back",
    ),
    (
        "tampered",
        "a byte of the file changed, the file cut at any byte, frames moved, dropped or swapped",
        "refused whole, in words; the seat can export again",
    ),
    ("wrong_center", "the file of another center", "refused; says which center it is for"),
    (
        "foreign_device",
        "a device that never signed in as that person, or an act in another's name",
        "not taken: acts go only under who recorded them",
    ),
    ("replayed", "the same file taken in again, before or after the line", "one effect per act"),
    (
        "revoked",
        "the person has left office",
        "kept aside unjudged and listed; taken when he is back",
    ),
    (
        "full",
        "the stick is full, write-protected or lies about its room",
        "said so; all is kept here",
    ),
    ("pulled_out", "the stick is pulled out while it is written", "said so; all is kept here"),
    ("thousand", "1,000 acts with photos on one stick", "all arrive once"),
    (
        "reply",
        "the center's answer comes back on the stick: again, late, old, foreign, changed, lost",
        "settles as the line would, once; anything else is refused in words, all is kept",
    ),
)

_GATEWAY = _area(
    "gateway",
    (
        "lost_answer",
        "the city's 12345 system takes a result and the answer is lost",
        "asked before anything is sent again: each result there exactly once",
    ),
    (
        "killed",
        "the gateway is killed at any step, in or out",
        "nothing lost, nothing twice: the ledger and the foreign system say what is left to do",
    ),
    (
        "two_at_once",
        "two gateway processes for one township",
        "the second is turned away; without the lease each result is still sent once",
    ),
    (
        "restored",
        "the database is from before the sending",
        "what the foreign system holds is not sent again",
    ),
    (
        "rubbish_in",
        "repeated, shuffled and spoilt records from the foreign system",
        "each good one has its effect once; each bad one is listed and blocks nothing",
    ),
    (
        "half_written_file",
        "an order file is still being written, comes twice, or is rubbish",
        "taken when whole, once; what cannot be read lies aside with a report",
    ),
    (
        "batch_torn",
        "killed while a batch of results is being written",
        "no batch is seen half; no result is in two batches",
    ),
)

_SECURITY = _area(
    "security",
    ("plain_line", "an unencrypted address of another machine", "nothing is sent; says why"),
    ("guessing", "passwords are guessed, from one address or many", "waits grow; owners get in"),
    ("copied_token", "a refresh token was copied", "the session ends for both; it is in the audit"),
    (
        "lost_computer",
        "a computer is lost",
        "out at once, whatever the password, until it is allowed; says so, shows nothing, keeps its records",
    ),
    (
        "borrowed_device",
        "somebody signs in under the id of another's computer",
        "refused: a computer is known by its key, which nobody is told",
    ),
    ("flood", "a session or an address asks without end", "429; nobody else is held up"),
    (
        "foreign_order",
        "any role tries any act on, and any reading of, an order that is not its own",
        "no way in; nothing of it is told",
    ),
    (
        "hidden_petitioner",
        "an order is confidential or a report",
        "no handler's seat is sent who asked, in any text, link or file",
    ),
    ("known_hash", "somebody knows a photo's hash", "naming it opens nothing: he must have had it"),
    (
        "tampering",
        "history, orders or the register are changed by SQL",
        "verify names what was changed, removed or put in",
    ),
    (
        "rewritten_chain",
        "the whole chain is rewritten consistently, or cut off",
        "every seat that noted it says so; a restoration from a backup is told as one",
    ),
    (
        "other_users",
        "another user of the same machine looks at what lies on the disk",
        "folders and databases are made for their owner alone",
    ),
    (
        "left_alone",
        "a seat with a passphrase is left alone",
        "the window locks; alarms, acts and sync go on behind it",
    ),
    ("bombs", "archives and answers that unpack to gigabytes", "refused before they are unpacked"),
    (
        "slow_texts",
        "a text is made to keep the patterns that look at it busy",
        "looked at within moments, whatever stands in it",
    ),
    ("hostile_text", "markup, formulas, SQL and search operators in texts", "they stay text"),
    (
        "rubbish_requests",
        "requests, acts and files made up by a fuzzer",
        "a verdict or a refusal in words; never a failure, never in the way of others",
    ),
)

CATALOGUE: tuple[Entry, ...] = (
    *_NETWORK, *_ANSWERS, *_STORAGE, *_TIME, *_SERVER, *_PEOPLE, *_FILES, *_STICK, *_GATEWAY,
    *_SECURITY,
)  # fmt: skip

CONTROLS: tuple[Control, ...] = (
    Control(
        "normal_sync", "PRAGMA synchronous=NORMAL", "acts called saved are lost with the power"
    ),
    Control(
        "auto_increment_cursor",
        "feed position taken early (auto-increment)",
        "an order is never delivered",
    ),
    Control(
        "ttl_dedup", "de-duplication forgets after a time", "an act sent again has a second effect"
    ),
    Control(
        "gateway_query_off",
        "the foreign system is not asked before a result is sent again",
        "results are there twice",
    ),
    Control(
        "gateway_settle_off",
        "the foreign system's no is trusted at once",
        "results are there twice",
    ),
    Control(
        "no_journal", "no journal beside the store", "unsent acts of an unreadable store are gone"
    ),
    Control(
        "journal_not_synced",
        "the journal does not wait for the disk",
        "acts are gone with power and store",
    ),
    Control("whole_number", "a page shows a whole number", "the look at the pages fails"),
    Control("digest_off", "Content-Digest not checked", "a changed answer is believed"),
)

BY_ID = {entry.id: entry for entry in CATALOGUE}
CONTROL_BY_ID = {control.id: control for control in CONTROLS}
