// What computes or blocks without end, and who has to wait for it.

package main

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

var fairness = map[string]work{
	"ticker_beside_hogs":   {own: tickerBesideHogs},
	"echo_beside_hogs":     {own: echoBesideHogs},
	"gap_blocked":          {own: gapBlocked},
	"gap_syscall":          {own: gapBlocked},
	"pingpong_hog":         {warm: pingpongHog},
	"fan_out_10ms":         {own: fanOutOf(10 * time.Millisecond)},
	"fan_out_50ms":         {own: fanOutOf(50 * time.Millisecond)},
	"fan_out_20k":          {own: fanOutOf(time.Millisecond)},
	"wakeup_spinning_20us": {warm: func(n uint64) { wakeup(n, func() { spinFor(20 * time.Microsecond) }) }},
	"wakeup_syscall_20us":  {warm: func(n uint64) { wakeup(n, func() { kernelSleep(20 * time.Microsecond) }) }},
}

var sink atomic.Uint64

// hogs are four goroutines that compute until told to stop.
type hogs struct {
	stop atomic.Bool
	wg   sync.WaitGroup
}

func startHogs() *hogs {
	h := &hogs{}
	for range 4 {
		h.wg.Go(func() {
			sum := uint64(0)
			for !h.stop.Load() {
				for i := range uint64(1000) {
					sum += i
				}
			}
			sink.Store(sum)
		})
	}
	return h
}

func (h *hogs) end() {
	h.stop.Store(true)
	h.wg.Wait()
}

func tickerBesideHogs(n uint64) figures {
	const tick = time.Millisecond
	h := startHogs()
	n = min(n, 1000)
	sum, most := time.Duration(0), time.Duration(0)
	ticker := time.NewTicker(tick)
	for range n {
		late := time.Since(<-ticker.C) // its value is when it was due
		sum += late
		most = max(most, late)
	}
	ticker.Stop()
	h.end()
	mean := float64(sum.Nanoseconds()) / float64(n)
	return figures(nil).add("mean_late", "ns", mean).add("max_late", "ns", float64(most.Nanoseconds()))
}

// echoBesideHogs says nothing of processor time: that is the hogs'.
func echoBesideHogs(n uint64) figures {
	h := startHogs()
	f := echo(1, n)
	h.end()
	return slices.DeleteFunc(f, func(figure string) bool { return strings.Contains(figure, ".cpu:") })
}

// kernelSleep blocks the thread: the runtime knows that it is a system call.
func kernelSleep(d time.Duration) {
	spec := syscall.NsecToTimespec(d.Nanoseconds())
	syscall.Nanosleep(&spec, nil)
}

// gapBlocked is the median of the longest gaps.
func gapBlocked(n uint64) figures {
	var all []float64
	for range min(n, 100) {
		var over atomic.Bool
		done := make(chan struct{}, 1)
		go func() {
			kernelSleep(20 * time.Millisecond)
			over.Store(true)
			done <- struct{}{}
		}()
		last, most := time.Now(), time.Duration(0)
		for !over.Load() {
			runtime.Gosched()
			now := time.Now()
			most = max(most, now.Sub(last))
			last = now
		}
		<-done
		all = append(all, float64(most.Nanoseconds()))
	}
	slices.Sort(all)
	return figures(nil).add("gap", "ns", all[len(all)/2])
}

func pingpongHog(n uint64) {
	stop, ping, pong := make(chan struct{}), make(chan uint64), make(chan uint64)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	wg.Go(func() {
		for value := range ping {
			pong <- value + 1
		}
	})
	for value := range n {
		ping <- value
		check(<-pong == value+1, "value")
	}
	close(ping)
	close(stop)
	wg.Wait()
}

func fanOutOf(each time.Duration) func(uint64) figures {
	return func(n uint64) figures { return fanOut(n, each) }
}

func fanOut(n uint64, each time.Duration) figures {
	var wg sync.WaitGroup
	var ended atomic.Uint64
	perNano()
	m := startMeter()
	for range n {
		wg.Go(func() {
			compute(each)
			ended.Add(1)
		})
	}
	threads := 0
	for ended.Load() < n {
		entries, err := os.ReadDir("/proc/self/task")
		check(err == nil, "the kernel tells the threads")
		threads = max(threads, len(entries))
		time.Sleep(10 * time.Millisecond)
	}
	wg.Wait()
	return m.per(n, "op", nil).add("threads", "count", float64(threads))
}

// compute does what takes about so much processor time: a goroutine may change threads, whose clocks
// say nothing then, so the work is counted instead.
func compute(d time.Duration) {
	rounds := float64(d.Nanoseconds()) * perNano()
	sum := uint64(0)
	for i := range uint64(rounds) {
		sum += i ^ (sum >> 3)
	}
	sink.Store(sum)
}

// perNano is how many rounds of compute's loop fit into a nanosecond.
var perNano = sync.OnceValue(func() float64 {
	best := 0.0
	for range 5 {
		const rounds = 2_000_000
		sum, begin := uint64(0), time.Now()
		for i := range uint64(rounds) {
			sum += i ^ (sum >> 3)
		}
		sink.Store(sum)
		best = max(best, rounds/float64(time.Since(begin).Nanoseconds()))
	}
	return best
})

func spinFor(d time.Duration) {
	for begin := time.Now(); time.Since(begin) < d; {
	}
}

// wakeup has two goroutines wake each other; both work after each wake-up, at the same time if
// they can.
func wakeup(n uint64, work func()) {
	there, back := make(chan uint64), make(chan uint64)
	go func() {
		for value := range there {
			work()
			back <- value
		}
		close(back)
	}()
	for value := range n {
		there <- value
		work()
		check(<-back == value, "value")
	}
	close(there)
	_, ok := <-back
	check(!ok, "closed")
}
