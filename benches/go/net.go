// What a connection costs its server: processor time of an exchange, memory of one that waits.

package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

var netting = map[string]work{
	"echo_1":      {own: func(n uint64) figures { return echo(1, n) }},
	"echo_50":     {own: func(n uint64) figures { return echo(50, n) }},
	"echo_1000":   {own: func(n uint64) figures { return echo(1000, n) }},
	"connections": {own: waiting},
}

const (
	// message is what one exchange carries.
	message = 64
	// bufferSize is what a goroutine reads into.
	bufferSize = 1024
)

// serve sends back what comes and says how many bytes that was.
func serve(c net.Conn) (sum uint64) {
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

// A netServer has its connections, each served by a goroutine that has not been told to begin.
type netServer struct {
	client *exec.Cmd
	conns  []net.Conn
	served sync.WaitGroup
	sum    atomic.Uint64
	before uint64
}

func startServer(connections, exchanges uint64) *netServer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err == nil, "a listener")
	defer l.Close()
	s := &netServer{client: exec.Command(os.Getenv("GAGGLE_BENCH_PROGRAM")), before: resident()}
	order := fmt.Sprintf("%s %d %d", l.Addr(), connections, exchanges)
	s.client.Env = append(os.Environ(), "GAGGLE_BENCH_LOAD="+order)
	s.client.Stderr = os.Stderr
	check(s.client.Start() == nil, "a client")
	for range connections {
		c, err := l.Accept()
		check(err == nil, "a connection")
		s.conns = append(s.conns, c)
		s.served.Go(func() { s.sum.Add(serve(c)) })
	}
	return s
}

// finish lets the clients begin and waits for their end.
func (s *netServer) finish() uint64 {
	for _, c := range s.conns {
		_, err := c.Write([]byte("g"))
		check(err == nil, "a write")
	}
	s.served.Wait()
	check(s.client.Wait() == nil, "the client")
	return s.sum.Load()
}

func echo(connections, n uint64) figures {
	s := startServer(connections, n)
	m := startMeter()
	sum := s.finish()
	f := m.per(n, "op", nil)
	check(sum == n*message, "number of bytes")
	return f
}

func waiting(n uint64) figures {
	s := startServer(n, 0)
	time.Sleep(100 * time.Millisecond) // the last ones come to their reads
	bytes := float64(resident()-s.before) / float64(n)
	check(s.finish() == 0, "number of bytes")
	return figures(nil).add("resident", "B", bytes)
}
