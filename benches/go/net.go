// What a connection costs its server: processor time of an exchange, memory of one that waits.

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var netting = map[string]work{
	"echo_1":           {own: func(n uint64) figures { return echo(1, n) }},
	"echo_50":          {own: func(n uint64) figures { return echo(50, n) }},
	"echo_1000":        {own: func(n uint64) figures { return echo(1000, n) }},
	"http_64":          {own: func(n uint64) figures { return hello(64, n) }},
	"http_1000":        {own: func(n uint64) figures { return hello(1000, n) }},
	"kv_50":            {own: func(n uint64) figures { return store(50, 1, n) }},
	"kv_50_by_16":      {own: func(n uint64) figures { return store(50, 16, n) }},
	"connections":      {own: func(n uint64) figures { return waiting(n, 0) }},
	"connections_used": {own: func(n uint64) figures { return waiting(n, 1) }},
}

const (
	// message is what one exchange carries.
	message = 64
	// bufferSize is what a goroutine reads into.
	bufferSize = 1024
)

// A loader is the client, a process of its own.
type loader struct {
	cmd   *exec.Cmd
	tells io.WriteCloser
	said  *bufio.Reader
}

func startLoader(talk string, addr net.Addr, connections, exchanges uint64) *loader {
	cmd := exec.Command(os.Getenv("GAGGLE_BENCH_PROGRAM"))
	order := fmt.Sprintf("%s %s %d %d", talk, addr, connections, exchanges)
	cmd.Env = append(os.Environ(), "GAGGLE_BENCH_LOAD="+order)
	cmd.Stderr = os.Stderr
	tells, err := cmd.StdinPipe()
	check(err == nil, "a pipe")
	said, err := cmd.StdoutPipe()
	check(err == nil, "a pipe")
	check(cmd.Start() == nil, "a client")
	return &loader{cmd, tells, bufio.NewReader(said)}
}

func (l *loader) line() string {
	line, err := l.said.ReadString('\n')
	check(err == nil, "what the client says")
	return strings.TrimSpace(line)
}

// ready waits until all connections stand.
func (l *loader) ready() {
	check(l.line() == "ready", "a client that is ready")
}

// finish lets it begin and waits for its end; it says how many nanoseconds the slowest exchange of a
// hundred took.
func (l *loader) finish() float64 {
	_, err := l.tells.Write([]byte("go\n"))
	check(err == nil, "a client that listens")
	slow, err := strconv.ParseFloat(l.line(), 64)
	check(err == nil, "a number")
	check(l.cmd.Wait() == nil, "the client")
	return slow
}

// measured is what n operations cost, between the beginning of the client and its end.
func (l *loader) measured(n uint64) figures {
	l.ready()
	m := startMeter()
	slow := l.finish()
	return m.per(n, "op", nil).add("p99", "ns", slow)
}

func listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err == nil, "a listener")
	return l
}

// sendBack sends back what comes and says how many bytes that was.
func sendBack(c net.Conn) (sum uint64) {
	defer c.Close()
	var buf [bufferSize]byte
	for {
		count, err := c.Read(buf[:])
		if err == io.EOF {
			return sum
		}
		check(err == nil, "a read")
		_, err = c.Write(buf[:count])
		check(err == nil, "a write")
		sum += uint64(count)
	}
}

// each starts a goroutine for each of so many connections.
func each(l net.Listener, connections uint64, serve func(net.Conn)) *sync.WaitGroup {
	var served sync.WaitGroup
	for range connections {
		c, err := l.Accept()
		check(err == nil, "a connection")
		served.Go(func() { serve(c) })
	}
	return &served
}

func echo(connections, n uint64) figures {
	l := listen()
	defer l.Close()
	client := startLoader("echo", l.Addr(), connections, n)
	var sum atomic.Uint64
	served := each(l, connections, func(c net.Conn) { sum.Add(sendBack(c)) })
	f := client.measured(n)
	served.Wait()
	check(sum.Load() == (n+min(connections, n))*message, "number of bytes")
	return f
}

// waiting is n connections, each of which has made so many exchanges before.
func waiting(n, exchanges uint64) figures {
	l := listen()
	defer l.Close()
	before := resident()
	client := startLoader("echo", l.Addr(), n, n*exchanges)
	served := each(l, n, func(c net.Conn) { check(sendBack(c) == 2*exchanges*message, "number of bytes") })
	client.ready()
	time.Sleep(100 * time.Millisecond) // the last ones come to their reads
	bytes := float64(resident()-before) / float64(n)
	client.finish()
	served.Wait()
	return figures(nil).add("resident", "B", bytes)
}
