// Command gaggle-benches runs one shape in Go, N operations of it, and prints the line of figures
// that src/figures.rs of the driver reads. Each group has a file of the name that it has there.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// A work is how a shape is run: one of the three is set.
type work struct {
	warm func(n uint64)         // a tenth of the operations first, unmeasured; then all of them
	cold func(n uint64)         // measured from the first operation of the process
	own  func(n uint64) figures // measures itself
}

// figures is the rest of the line, "NAME:UNIT=VALUE" each.
type figures []string

func (f figures) add(name, unit string, value float64) figures {
	return append(f, fmt.Sprintf("%s:%s=%.3f", name, unit, value))
}

// A meter measures wall time and processor time of one stretch of work.
type meter struct {
	wall time.Time
	cpu  time.Duration
}

func startMeter() meter {
	return meter{cpu: cpu(), wall: time.Now()}
}

// per stops the meter and adds the figures of each of n operations.
func (m meter) per(n uint64, name string, f figures) figures {
	wall, used := time.Since(m.wall), cpu()-m.cpu
	each := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / float64(n) }
	return f.add(name, "ns", each(wall)).add(name+".cpu", "ns", each(used))
}

func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func (w work) run(n uint64) figures {
	if w.own != nil {
		return w.own(n)
	}
	timed := w.cold
	if w.warm != nil {
		w.warm(max(n/10, 1))
		timed = w.warm
	}
	m := startMeter()
	timed(n)
	return m.per(n, "op", nil)
}

// check ends the process if a shape did not do its work.
func check(right bool, what string) {
	if !right {
		panic("wrong result: " + what)
	}
}

func find(name string) (work, bool) {
	for _, group := range []map[string]work{
		spawn, switching, channels, golist, selects, syncing, contexts, timing, fairness, programs, netting, memory, growth,
		insight,
	} {
		if w, ok := group[name]; ok {
			return w, true
		}
	}
	return work{}, false
}

func main() {
	if len(os.Args) != 3 {
		fail("usage: SHAPE N")
	}
	name := os.Args[1]
	if name == "serve" {
		alone(os.Args[2])
		return
	}
	w, ok := find(name)
	if !ok {
		fail("no shape " + name)
	}
	n, err := strconv.ParseUint(os.Args[2], 10, 64)
	if err != nil || n == 0 {
		fail("N must be a number, at least 1")
	}
	line := w.run(n)
	fmt.Printf("bench shape=%s n=%d procs=%d", name, n, runtime.GOMAXPROCS(0))
	for _, figure := range line {
		fmt.Print(" ", figure)
	}
	fmt.Println()
}

func fail(words string) {
	fmt.Fprintln(os.Stderr, words)
	os.Exit(1)
}
