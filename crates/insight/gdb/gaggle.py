# Goroutines in gdb, of a live process and of a core file:
#
#     (gdb) source gaggle.py
#     (gdb) info goroutines
#     (gdb) goroutine 7 bt
#
# What the script knows of the program it reads from GAGGLE_LAYOUT (crates/sched/src/view/layout.rs), so it
# needs no debug information but line tables. Nothing in the process is changed: parked goroutines are
# unwound by telling gdb that the current thread was called from where they stand.

import gdb
import gdb.unwinder

WORD = 8
FIELDS = (
    "chunks chunk_all chunk_next size status id reason since context site parent "
    "reasons reasons_len file file_len line"
).split()
STATUS = {
    0: "idle", 1: "runnable", 2: "running", 3: "syscall", 4: "waiting", 6: "dead", 9: "preempted",
}
# A parked goroutine's registers, above its saved stack pointer (crates/coro/src/arch/x86_64.rs).
SAVED = (("rip", 0), ("rbp", 8), ("rbx", 16))
SAVED_SIZE = 24


def read(address, length):
    return bytes(gdb.selected_inferior().read_memory(address, length))


def word(address):
    return int.from_bytes(read(address, WORD), "little")


def text(address, length):
    return read(address, length).decode("utf-8", "replace")


class Layout:
    def __init__(self):
        try:
            start = int(gdb.parse_and_eval("(unsigned long)&GAGGLE_LAYOUT"))
        except gdb.error:
            raise gdb.GdbError("this program has no goroutines: GAGGLE_LAYOUT is not in it")
        if read(start, 8) != b"gaggle g" or word(start + 8) != 1:
            raise gdb.GdbError("this script does not know the goroutines of this program")
        for place, name in enumerate(FIELDS):
            setattr(self, name, word(start + 16 + place * WORD))


class Goroutine:
    def __init__(self, layout, place):
        self.layout, self.place = layout, place
        self.status = read(place + layout.status, 1)[0]
        self.id = word(place + layout.id)

    def state(self):
        if self.status != 4:
            return STATUS.get(self.status, "?")
        number = read(self.place + self.layout.reason, 1)[0]
        if number >= self.layout.reasons_len:
            return "waiting"
        entry = self.layout.reasons + number * 2 * WORD
        return text(word(entry), word(entry + WORD))

    def stack_pointer(self):
        return word(self.place + self.layout.context)

    def registers(self):
        sp = self.stack_pointer()
        registers = {name: word(sp + offset) for name, offset in SAVED}
        registers["rsp"] = sp + SAVED_SIZE
        return registers

    def is_off_its_stack(self):
        return self.status in (1, 4) and self.stack_pointer() != 0

    def site(self):
        place, layout = word(self.place + self.layout.site), self.layout
        if place == 0 or layout.file == 2**64 - 1:
            return ""
        file = text(word(place + layout.file), word(place + layout.file_len))
        line = int.from_bytes(read(place + layout.line, 4), "little")
        return f"{file}:{line}"

    def parent(self):
        return word(self.place + self.layout.parent)


def goroutines():
    layout = Layout()
    found, chunk = [], word(layout.chunks)
    while chunk:
        first, count = word(chunk + layout.chunk_all), word(chunk + layout.chunk_all + WORD)
        for place in range(first, first + count * layout.size, layout.size):
            goroutine = Goroutine(layout, place)
            if goroutine.status not in (0, 6):
                found.append(goroutine)
        chunk = word(chunk + layout.chunk_next)
    return sorted(found, key=lambda goroutine: goroutine.id)


class Parked(gdb.unwinder.Unwinder):
    """Says that the innermost frame of the current thread was called by a parked goroutine."""

    def __init__(self):
        super().__init__("gaggle")
        self.innermost, self.registers = None, None

    def __call__(self, frame):
        if self.registers is None:
            return None
        sp, pc = frame.read_register("rsp"), frame.read_register("rip")
        if (int(sp), int(pc)) != self.innermost:
            return None
        info = frame.create_unwind_info(FrameId(sp, pc))
        for name, value in self.registers.items():
            info.add_saved_register(name, gdb.Value(value).cast(frame.read_register(name).type))
        return info


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


PARKED = Parked()
gdb.unwinder.register_unwinder(None, PARKED, replace=True)


def backtrace(goroutine):
    innermost = gdb.newest_frame()
    read_now = lambda name: int(innermost.read_register(name)) & (2**64 - 1)
    PARKED.innermost = (read_now("rsp"), read_now("rip"))
    PARKED.innermost = tuple(value - 2**64 if value >= 2**63 else value for value in PARKED.innermost)
    PARKED.registers = goroutine.registers()
    gdb.invalidate_cached_frames()
    try:
        frame, number = gdb.newest_frame().older(), 0
        while frame is not None and frame.is_valid():
            place = frame.find_sal()
            where = f" at {place.symtab.filename}:{place.line}" if place.symtab else ""
            print(f"#{number:<2} {frame.pc():#018x} in {frame.name() or '??'} (){where}")
            frame, number = frame.older(), number + 1
    finally:
        PARKED.registers = None
        gdb.invalidate_cached_frames()


class InfoGoroutines(gdb.Command):
    """Lists all goroutines: number, what each does or waits for, where it stands, who started it."""

    def __init__(self):
        super().__init__("info goroutines", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        for goroutine in goroutines():
            place = ""
            if goroutine.is_off_its_stack():
                place = f" at {goroutine.registers()['rip']:#x}"
            site = goroutine.site()
            origin = f", created by goroutine {goroutine.parent()} at {site}" if site else ""
            print(f"goroutine {goroutine.id} [{goroutine.state()}]{place}{origin}")


class GoroutineCommand(gdb.Command):
    """goroutine N bt: the frames of a goroutine that has left its thread. `all` is every such one."""

    def __init__(self):
        super().__init__("goroutine", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        words = gdb.string_to_argv(argument)
        if len(words) != 2 or words[1] not in ("bt", "backtrace"):
            raise gdb.GdbError("goroutine N bt, or goroutine all bt")
        if gdb.selected_frame().architecture().name() != "i386:x86-64":
            raise gdb.GdbError("goroutine bt: known for x86_64 only")
        wanted = [it for it in goroutines() if words[0] in ("all", str(it.id))]
        if not wanted:
            raise gdb.GdbError(f"no goroutine {words[0]}")
        for goroutine in wanted:
            print(f"goroutine {goroutine.id} [{goroutine.state()}]:")
            if goroutine.is_off_its_stack():
                backtrace(goroutine)
            else:
                print("on a thread: see `thread apply all bt`")


InfoGoroutines()
GoroutineCommand()
