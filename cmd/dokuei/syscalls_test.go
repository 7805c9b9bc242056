//go:build linux

package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// The whole service, seen from the kernel: before each C-STORE-RSP leaves by the
// socket, the image's file was synced, then named, then its folder synced, then the
// log of the catalog synced. A power cut at any moment can therefore take nothing
// that was acknowledged (storage/object/fsobject has the model of the disk).
func TestDurableBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	strace := tool(t, "strace")
	data := newData(t, network)
	record := filepath.Join(t.TempDir(), "calls")
	s := serve(t, data)
	tracer := exec.Command(strace, "-f", "-y", "-p", strconv.Itoa(s.cmd.Process.Pid), "-s", "16", "-o", record,
		"-e", "trace=fsync,fdatasync,rename,renameat,renameat2,write,writev,sendto,sendmsg")
	stderr, err := tracer.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := tracer.Start(); err != nil {
		t.Fatal(err)
	}
	first, err := bufio.NewReader(stderr).ReadString('\n')
	if err != nil || !strings.Contains(first, "attached") {
		_ = tracer.Wait()
		if os.Getenv("CI") != "" {
			t.Fatalf("the kernel lets no process be traced here: %s", first)
		}
		t.Skipf("the kernel lets no process be traced here: %s", first)
	}
	const images = 5
	dir, _ := slices(t, images)
	s.send(t, "MINAMI_CT", dir)
	if err := tracer.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = tracer.Wait()
	raw, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	answers := checkOrder(t, string(raw), filepath.Join(data, "objects"))
	if answers != images {
		t.Errorf("%d answers seen for %d images", answers, images)
	}
}

var (
	syncedFile = regexp.MustCompile(`f(?:data)?sync\(\d+<([^>]+)>`)
	renamed    = regexp.MustCompile(`rename(?:at2?)?\((?:[^"]*)"([^"]+)"(?:[^"]*)"([^"]+)"`)
	answered   = regexp.MustCompile(`(?:write|sendto)\(\d+<(?:TCP|socket)[^>]*>*, "\\4\\0`)
)

// checkOrder walks the calls as they ended and counts the P-DATA PDUs that were
// answered, of which C-STORE responses are all. An object is held when its file and,
// after it has its name, the folder were synced; the rows after that, the answer last.
func checkOrder(t *testing.T, calls, objects string) (answers int) {
	t.Helper()
	type object struct{ content, name bool } // what of it is on the medium
	files, coming, held, ready := map[string]bool{}, map[string]object{}, 0, 0
	see := func(path string, o object) {
		if coming[path] = o; o.content && o.name {
			delete(coming, path)
			held++
		}
	}
	begun := map[string]string{} // by thread: a call that was interrupted in the record
	for line := range strings.Lines(calls) {
		thread, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		rest = strings.TrimSpace(rest)
		if answered.MatchString(rest) { // when it begins: it must not even be under way
			answers++
			if answers > ready {
				t.Errorf("answer %d left when %d images were durable", answers, ready)
			}
		}
		if head, ok := strings.CutSuffix(rest, "<unfinished ...>"); ok {
			begun[thread] = head
			continue
		}
		if strings.HasPrefix(rest, "<... ") {
			rest = begun[thread] + rest
		}
		if !strings.HasSuffix(rest, "= 0") {
			continue
		}
		switch m, r := syncedFile.FindStringSubmatch(rest), renamed.FindStringSubmatch(rest); {
		case m != nil && strings.HasSuffix(m[1], ".part"):
			files[m[1]] = true
		case m != nil && strings.HasSuffix(m[1], "dokuei.db-wal"):
			ready = held // rows of what is on the disk may be among what was synced
		case m != nil:
			if o, ok := coming[m[1]]; ok { // a file that has its name already
				o.content = true
				see(m[1], o)
			}
			for path, o := range coming {
				if filepath.Dir(path) == m[1] {
					o.name = true
					see(path, o)
				}
			}
		case r != nil && strings.HasPrefix(r[2], objects):
			coming[r[2]] = object{content: files[r[1]]}
		}
	}
	return answers
}
