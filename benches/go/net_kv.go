// The example kv in Go: the same protocol and the same store.

package main

import (
	"bytes"
	"hash/maphash"
	"io"
	"math"
	"net"
	"strconv"
	"sync"
)

const (
	// shards of the store, each with a lock.
	shardCount = 64
	// chunkSize is what comes in one read, at most.
	chunkSize = 16 * 1024
)

// A value is a text, or a list if that is there.
type value struct {
	text []byte
	list *deque
}

type shard struct {
	mu     sync.Mutex
	values map[string]*value
}

type kvStore struct {
	seed   maphash.Seed
	shards [shardCount]shard
}

func newStore() *kvStore {
	s := &kvStore{seed: maphash.MakeSeed()}
	for i := range s.shards {
		s.shards[i].values = map[string]*value{}
	}
	return s
}

// A deque is a ring as long as a power of two, whose front is where it is pushed.
type deque struct {
	ring         [][]byte
	front, count int
}

func (d *deque) pushFront(text []byte) {
	if d.count == len(d.ring) {
		ring := make([][]byte, max(4, 2*d.count))
		for i := range d.count {
			ring[i] = d.ring[(d.front+i)&(d.count-1)]
		}
		d.ring, d.front = ring, 0
	}
	d.front = (d.front - 1) & (len(d.ring) - 1)
	d.ring[d.front] = text
	d.count++
}

const (
	wrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
	noNumber  = "-ERR value is not an integer or out of range\r\n"
)

func sayNumber(out []byte, number int64) []byte {
	return append(strconv.AppendInt(append(out, ':'), number, 10), "\r\n"...)
}

// execute does what words say and appends the answer.
func (s *kvStore) execute(words [][]byte, out []byte) []byte {
	name := bytes.ToUpper(words[0])
	if string(name) == "PING" {
		return append(out, "+PONG\r\n"...)
	}
	sh := &s.shards[maphash.Bytes(s.seed, words[1])%shardCount]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	v := sh.values[string(words[1])]
	if v == nil && string(name) != "GET" {
		v = new(value)
		sh.values[string(words[1])] = v
	}
	switch string(name) {
	case "SET":
		*v = value{text: bytes.Clone(words[2])}
		return append(out, "+OK\r\n"...)
	case "GET":
		return v.get(out)
	case "INCR":
		return v.increment(out)
	case "LPUSH":
		return v.push(words[2:], out)
	}
	return append(out, "-ERR unknown command\r\n"...)
}

func (v *value) get(out []byte) []byte {
	if v == nil {
		return append(out, "$-1\r\n"...)
	}
	if v.list != nil {
		return append(out, wrongType...)
	}
	out = append(strconv.AppendInt(append(out, '$'), int64(len(v.text)), 10), "\r\n"...)
	return append(append(out, v.text...), "\r\n"...)
}

// increment adds one to a number; a value that is new has no text, and is none.
func (v *value) increment(out []byte) []byte {
	if v.list != nil {
		return append(out, wrongType...)
	}
	number := int64(0)
	if v.text != nil {
		var err error
		if number, err = strconv.ParseInt(string(v.text), 10, 64); err != nil || number == math.MaxInt64 {
			return append(out, noNumber...)
		}
	}
	v.text = strconv.AppendInt(v.text[:0], number+1, 10)
	return sayNumber(out, number+1)
}

func (v *value) push(texts [][]byte, out []byte) []byte {
	if v.list == nil {
		if v.text != nil {
			return append(out, wrongType...)
		}
		v.list = new(deque)
	}
	for _, text := range texts {
		v.list.pushFront(bytes.Clone(text))
	}
	return sayNumber(out, int64(v.list.count))
}

// line is what comes before the end of a line, and where the next one begins.
func line(input []byte) ([]byte, int) {
	end := bytes.IndexByte(input, '\n')
	if end < 1 {
		return nil, 0
	}
	return input[:end-1], end + 1
}

// parse is the first command of input and how many bytes it took; none if it is not whole.
func parse(input []byte) ([][]byte, int) {
	head, at := line(input)
	if head == nil {
		return nil, 0
	}
	count, err := strconv.Atoi(string(head[1:]))
	check(err == nil && head[0] == '*', "a command")
	words := make([][]byte, 0, count)
	for range count {
		head, next := line(input[at:])
		if head == nil {
			return nil, 0
		}
		length, err := strconv.Atoi(string(head[1:]))
		check(err == nil && head[0] == '$', "a word")
		at += next
		if len(input) < at+length+2 {
			return nil, 0
		}
		words = append(words, input[at:at+length])
		at += length + 2
	}
	return words, at
}

func (s *kvStore) serve(c net.Conn) {
	defer c.Close()
	var input, output []byte
	chunk := make([]byte, chunkSize)
	for {
		count, err := c.Read(chunk)
		if err == io.EOF {
			return
		}
		check(err == nil, "a read")
		input = append(input, chunk[:count]...)
		used := 0
		for {
			words, length := parse(input[used:])
			if words == nil {
				break
			}
			output = s.execute(words, output)
			used += length
		}
		input = append(input[:0], input[used:]...)
		_, err = c.Write(output)
		check(err == nil, "a write")
		output = output[:0]
	}
}

func store(connections, depth, n uint64) figures {
	l := listen()
	defer l.Close()
	client := startLoader("kv"+strconv.FormatUint(depth, 10), l.Addr(), connections, (n+depth-1)/depth)
	served := each(l, connections, newStore().serve)
	f := client.measured(n)
	served.Wait()
	return f
}
