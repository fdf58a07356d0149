# SPDX-License-Identifier: Apache-2.0
"""What holds of every journal, and between one and the other that it takes over from."""
import hashlib

from journals import SPEAKER_NUMBER, SPEAKERS, position, position_split
from protos import journal_pb

K = journal_pb

# The header that a kind carries (journal.proto).
DETAIL = {
    K.KIND_STARTED: "started", K.KIND_TABLE: "table", K.KIND_REFUSED: "refused",
    K.KIND_PARKED: "parked", K.KIND_INCARNATION: "incarnation", K.KIND_CROSSED: "crossed",
    K.KIND_TIME_SETTLED: "time_settled", K.KIND_LAPSED: "lapsed",
    K.KIND_DAMAGED: "damaged", K.KIND_REGISTERED: "registered", K.KIND_ASKED: "asked",
    K.KIND_MOVED: "moved", K.KIND_OPINION: "moved", K.KIND_PROPOSED: "moved",
    K.KIND_REJECTED: "moved", K.KIND_RESTATED: "moved", K.KIND_ASK_ANSWERED: "ask_answered",
    K.KIND_DOCUMENT: "document", K.KIND_RESTATED_ALL: "restated_all",
    K.KIND_CLOCKS: "clocks", K.KIND_RAISED: "raised", K.KIND_RAISE_ENDED: "raise_ended",
    K.KIND_NOTICE: "notice", K.KIND_NOTICE_MOVED: "notice_moved",
}
DETAILS = sorted(set(DETAIL.values()))
ABOUT_ONE = {K.KIND_REGISTERED, K.KIND_SUPPLEMENTED, K.KIND_ASKED, K.KIND_MOVED,
             K.KIND_OPINION, K.KIND_ASK_ANSWERED, K.KIND_PROPOSED, K.KIND_REJECTED,
             K.KIND_DOCUMENT, K.KIND_RESTATED, K.KIND_CLOCKS}
WITH_MATTER = {K.KIND_REGISTERED, K.KIND_MOVED}
BEFORE_STARTED = {K.KIND_STARTED, K.KIND_TABLE, K.KIND_INCARNATION, K.KIND_TIME_SETTLED}

# Which entries of which speaker an entry may take over; kinds that are not here: any.
MAY_COME_OF = {
    K.KIND_MOVED: {K.KIND_REGISTERED, K.KIND_ASKED},
    K.KIND_PROPOSED: {K.KIND_ASKED},
    K.KIND_ASK_ANSWERED: {K.KIND_ASKED},
    K.KIND_DOCUMENT: {K.KIND_REGISTERED, K.KIND_ASKED, K.KIND_RAISED},
    K.KIND_CLOCKS: {K.KIND_REGISTERED, K.KIND_MOVED, K.KIND_OPINION, K.KIND_RESTATED,
                    K.KIND_RESTATED_ALL},
    K.KIND_NOTICE: {K.KIND_REGISTERED, K.KIND_MOVED, K.KIND_OPINION, K.KIND_ASK_ANSWERED,
                    K.KIND_PROPOSED, K.KIND_REJECTED, K.KIND_DOCUMENT, K.KIND_RESTATED,
                    K.KIND_CLOCKS, K.KIND_RAISED, K.KIND_RAISE_ENDED},
    # Never by another's entry:
    K.KIND_REGISTERED: set(), K.KIND_SUPPLEMENTED: set(), K.KIND_ASKED: set(),
    K.KIND_STARTED: set(), K.KIND_TABLE: set(), K.KIND_ENROLLED: set(),
}


def check(town):
    for speaker in town.journals:
        find_incarnations(town, speaker)
    for speaker in town.journals:
        check_line(town, speaker)
        check_clients(town, speaker)
        check_tables(town, speaker)
        check_sources(town, speaker)


# ---- one after the other -----------------------------------------------------------------

def check_line(town, speaker):
    last_ms, doubt, is_started = 0, None, False
    for place, told in enumerate(town.entries(speaker), 1):
        entry = told.entry
        if entry.sequence != place:
            town.say("sequence", speaker, told, f"stands at place {place}")
        if entry.time_ms < last_ms:
            town.say("time", speaker, told, "time goes back")
        last_ms = max(last_ms, entry.time_ms)
        doubt = check_doubt(town, speaker, told, doubt)
        check_kind(town, speaker, told)
        if entry.kind == K.KIND_STARTED:
            is_started = True
        elif entry.kind == K.KIND_INCARNATION:
            is_started = False
        elif not is_started and entry.kind not in BEFORE_STARTED:
            town.say("started", speaker, told, "the daemon had not started")
        if entry.kind == K.KIND_DAMAGED or told.damaged:
            check_damaged(town, speaker, told)
        if entry.kind == K.KIND_PARKED:
            note_parked(town, told)


def check_damaged(town, speaker, told):
    """A stand-in is a hole; what was only named is well if it is told again as it was."""
    damaged = told.entry.damaged.damaged
    of = town.journals[speaker].at(damaged)
    if told.damaged or damaged == told.entry.sequence:
        town.say("damaged", speaker, told, "is damaged: this stands in its place")
    elif of is None or damaged > told.entry.sequence:
        town.say("damaged", speaker, told, f"names damaged entry {damaged}: there is none")
    elif not of.damaged and of.entry.damaged.damaged != damaged:
        town.report.mended.append(f"{speaker} entry {damaged} was damaged, and is back")


def check_doubt(town, speaker, told, doubt):
    """The first entry of the doubt that lasts, or None."""
    entry = told.entry
    if entry.kind == K.KIND_TIME_SETTLED:
        settled = entry.time_settled
        if not settled.from_ms <= settled.until_ms <= entry.time_ms:
            town.say("time", speaker, told, "a doubt was settled before it began")
        return None
    if doubt and not entry.time_uncertain:
        town.say("time", speaker, told, f"the doubt of entry {doubt} was never settled")
        return None
    return doubt or (entry.sequence if entry.time_uncertain else None)


def check_kind(town, speaker, told):
    entry = told.entry
    if entry.kind >= 100 and entry.kind // 100 != SPEAKER_NUMBER[speaker] or not entry.kind:
        town.say("kind", speaker, told, f"kind {entry.kind} is not this speaker's")
    if entry.kind in ABOUT_ONE and not entry.grievance:
        town.say("kind", speaker, told, "is about no grievance")
    if entry.kind in WITH_MATTER and not entry.HasField("matter"):
        town.say("kind", speaker, told, "says no matter")
    wanted = DETAIL.get(entry.kind)
    said = [name for name in DETAILS if entry.HasField(name)]
    if said != ([wanted] if wanted else []):
        town.say("kind", speaker, told, f"says {said}, not {wanted}")


def note_parked(town, told):
    """Whose clock or course may stand still by right: a person looks at it."""
    entry = told.entry
    if entry.grievance:
        town.parked.add(entry.grievance)
    source = entry.parked.source if entry.parked.HasField("source") else entry.source
    of = town.journals.get(SPEAKERS[source.speaker - 1]) if source.speaker else None
    origin = of.at(position_split(source.sequence)[1]) if of else None
    if origin and origin.entry.grievance:
        town.parked.add(origin.entry.grievance)
    if entry.parked.HasField("due"):
        town.parked.add(entry.parked.due.subject)


def check_clients(town, speaker):
    """Counters are contiguous; the next incarnation is opened by enrolling."""
    clients = {}
    for told in town.entries(speaker):
        actor = told.entry.actor
        if not told.entry.HasField("actor") or not actor.counter:
            continue
        now = (actor.incarnation, actor.counter)
        before = clients.get(actor.client)
        enrols = told.entry.kind == K.KIND_ENROLLED
        if before is None:
            fits = now[1] == 1 and (now[0] == 1 or enrols)
        else:
            fits = now == (before[0], before[1] + 1) or \
                   enrols and now == (before[0] + 1, 1)
        if not fits:
            town.say("counter", speaker, told, f"client {actor.client} says {now} after "
                                               f"{before or 'nothing'}")
        clients[actor.client] = now


def check_tables(town, speaker):
    taken = set()
    for told in town.entries(speaker):
        entry = told.entry
        if entry.kind == K.KIND_TABLE:
            taken.add(entry.table.version)
            if told.body is not None and \
                    hashlib.sha256(told.body).digest()[:8] != \
                    entry.table.version.to_bytes(8, "big"):
                town.say("body", speaker, told, f"table {entry.table.name} is another one")
        for version in versions_named(entry):
            if version and version not in taken:
                town.say("table", speaker, told, f"names table {version:016x}, never taken")


def versions_named(entry):
    if entry.HasField("registered"):
        yield entry.registered.table_version
    if entry.HasField("moved"):
        yield entry.moved.table_version
    if entry.HasField("document"):
        yield entry.document.table_version
    for change in entry.clocks.changes:
        yield change.table_version


# ---- incarnations ------------------------------------------------------------------------

def find_incarnations(town, speaker):
    """journal.kept[i]: the last sequence that incarnation i (1, 2 …) still has."""
    journal = town.journals[speaker]
    kept, incarnation, name = {}, 1, None
    for told in journal.told:
        entry = told.entry
        if entry.kind != K.KIND_INCARNATION:
            continue
        opened = entry.incarnation
        before = journal.at(entry.sequence - 1)
        if opened.incarnation <= incarnation or opened.previous_size != entry.sequence - 1 \
                or opened.previous_hash != (before.leaf if before else b"") \
                or opened.journal == opened.previous \
                or name is not None and opened.previous != name:
            town.say("incarnation", speaker, told, "does not go on from the one before")
        for lost in range(incarnation, opened.incarnation):
            kept[lost] = entry.sequence - 1
        incarnation, name = max(opened.incarnation, incarnation), opened.journal
    if journal.id and name is not None and name != journal.id:
        town.report.say("incarnation", f"{speaker}: the journal's id is not that of its "
                                       "last incarnation")
    if journal.incarnation not in (0, incarnation):
        town.report.say("incarnation", f"{speaker} is said to be in incarnation "
                                       f"{journal.incarnation}, its entries say {incarnation}")
    journal.incarnation, journal.kept = incarnation, kept


def find(town, source):
    """('there', Told), ('lost', None) or ('nowhere', None) of a Source."""
    if not 1 <= source.speaker <= 4:
        return "nowhere", None
    of = town.journals.get(SPEAKERS[source.speaker - 1])
    if of is None:
        return "lost", None  # that backup is not here
    incarnation, sequence = position_split(source.sequence)
    if sequence > of.kept.get(incarnation, len(of)):
        return ("lost" if incarnation < of.incarnation else "nowhere"), None
    if incarnation > of.incarnation or not of.at(sequence):
        return "nowhere", None
    return "there", of.at(sequence)


def own_position(town, speaker, entry):
    """As the speaker itself names this entry."""
    kept = town.journals[speaker].kept
    incarnation = 1 + sum(entry.sequence > last for last in kept.values())
    return position(incarnation, entry.sequence)


# ---- sources -----------------------------------------------------------------------------

def check_sources(town, speaker):
    taken = {}
    for told in town.entries(speaker):
        entry = told.entry
        if entry.kind == K.KIND_CROSSED:
            check_crossing(town, speaker, told)
        if not entry.HasField("source"):
            continue
        source = entry.source
        if source.sequence < taken.get(source.speaker, 0):
            town.say("order", speaker, told, "is taken over behind a later one")
        taken[source.speaker] = source.sequence
        if source.speaker == SPEAKER_NUMBER[speaker]:
            town.say("source", speaker, told, "comes of its own journal")
            continue
        where, origin = find(town, source)
        if where == "nowhere":
            town.say("source", speaker, told, f"comes of an entry that is not there: "
                                              f"{position_split(source.sequence)}")
        elif where == "lost":
            key = speaker, SPEAKERS[source.speaker - 1]
            town.lost[key] = max(town.lost.get(key, 0), source.sequence)
        else:
            check_origin(town, speaker, told, origin.entry)


def check_origin(town, speaker, told, origin):
    entry = told.entry
    allowed = MAY_COME_OF.get(entry.kind)
    if allowed is not None and origin.kind not in allowed:
        town.say("source", speaker, told, f"cannot come of kind {origin.kind}")
    elif entry.grievance and origin.grievance and entry.grievance != origin.grievance:
        town.say("source", speaker, told, "comes of an entry about another grievance")


def check_crossing(town, speaker, told):
    crossed = told.entry.crossed
    if not 1 <= crossed.speaker <= 4 or \
            SPEAKERS[crossed.speaker - 1] not in town.journals:
        return
    of = town.journals[SPEAKERS[crossed.speaker - 1]]
    if of.kept.get(crossed.incarnation - 1) != crossed.kept or \
            crossed.acted <= crossed.kept:
        town.say("crossed", speaker, told, f"{of.speaker} does not say that it kept "
                                           f"{crossed.kept} entries")
    for other in town.entries(speaker)[told.entry.sequence:]:
        source = other.entry.source
        if other.entry.HasField("source") and source.speaker == crossed.speaker and \
                position_split(source.sequence)[0] < crossed.incarnation and \
                position_split(source.sequence)[1] > crossed.kept:
            town.say("crossed", speaker, other, "comes of a lost entry behind the crossing")


def check_lost(town):
    """Who acted on what a source lost has said so."""
    for (follower, source), most in town.lost.items():
        if source not in town.journals:
            continue
        crossings = [told.entry.crossed for told in town.entries(follower)
                     if told.entry.kind == K.KIND_CROSSED and
                     told.entry.crossed.speaker == SPEAKER_NUMBER[source]]
        if not any(c.incarnation > position_split(most)[0] for c in crossings):
            town.report.say("crossed", f"{follower} acted on entries that {source} has lost, "
                                       "and never said so")
    for number, told in town.numbers.items():
        if told is None and number not in town.accusations:
            town.report.missing.append(f"{town.name(number)} is not registered at intake any "
                                       "more")
        elif told is None:
            town.report.missing.append("an accusation is not registered at intake any more")
