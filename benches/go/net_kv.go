// The example kv in Go: the same protocol and the same store.

package main

import (
	"bytes"
	"hash/maphash"
	"io"
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

type shard struct {
	mu    sync.Mutex
	texts map[string][]byte
	lists map[string][][]byte
}

type kvStore struct {
	seed   maphash.Seed
	shards [shardCount]shard
}

func newStore() *kvStore {
	s := &kvStore{seed: maphash.MakeSeed()}
	for i := range s.shards {
		s.shards[i].texts = map[string][]byte{}
		s.shards[i].lists = map[string][][]byte{}
	}
	return s
}

// execute does what words say and appends the answer.
func (s *kvStore) execute(words [][]byte, out []byte) []byte {
	name := string(bytes.ToUpper(words[0]))
	if name == "PING" {
		return append(out, "+PONG\r\n"...)
	}
	sh := &s.shards[maphash.Bytes(s.seed, words[1])%shardCount]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	switch name {
	case "SET":
		sh.texts[string(words[1])] = bytes.Clone(words[2])
		return append(out, "+OK\r\n"...)
	case "GET":
		text, ok := sh.texts[string(words[1])]
		if !ok {
			return append(out, "$-1\r\n"...)
		}
		out = append(strconv.AppendInt(append(out, '$'), int64(len(text)), 10), "\r\n"...)
		return append(append(out, text...), "\r\n"...)
	case "INCR":
		number, _ := strconv.ParseInt(string(sh.texts[string(words[1])]), 10, 64)
		sh.texts[string(words[1])] = strconv.AppendInt(nil, number+1, 10)
		return append(strconv.AppendInt(append(out, ':'), number+1, 10), "\r\n"...)
	case "LPUSH":
		list := append(sh.lists[string(words[1])], bytes.Clone(words[2]))
		sh.lists[string(words[1])] = list
		return append(strconv.AppendInt(append(out, ':'), int64(len(list)), 10), "\r\n"...)
	}
	return append(out, "-ERR unknown command\r\n"...)
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
