// Command gopeer lets suyashkumar/dicom read a file for the table of codecs, by the
// protocol of native/peer.h.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

func main() {
	fmt.Println("ready v1.1.0")
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		job := strings.Fields(line) // see native/peer.h: the length is last
		length, err := strconv.Atoi(job[len(job)-1])
		if err != nil {
			return
		}
		file := make([]byte, length)
		if _, err := io.ReadFull(in, file); err != nil {
			return
		}
		if job[0] != "decode" || job[1] != "native" || job[2] != "0" {
			fmt.Println("no not of this library")
			continue
		}
		repeat, err := strconv.Atoi(job[3])
		if err != nil {
			return
		}
		least := time.Duration(1 << 62)
		var out []byte
		for range repeat {
			begin := time.Now()
			d, err := dicom.Parse(bytes.NewReader(file), int64(len(file)), nil)
			took := time.Since(begin)
			if err == nil {
				out, err = samples(d)
			}
			if err != nil {
				fmt.Printf("no %v\n", err)
				break
			}
			least = min(least, took)
		}
		if out != nil {
			fmt.Printf("ok %d %d\n", least.Nanoseconds(), len(out))
			_, _ = os.Stdout.Write(out)
		}
	}
}

func samples(d dicom.Dataset) ([]byte, error) {
	e, err := d.FindElementByTag(tag.PixelData)
	if err != nil {
		return nil, err
	}
	f, err := dicom.MustGetPixelDataInfo(e.Value).Frames[0].GetNativeFrame()
	if err != nil {
		return nil, err
	}
	pixels, ok := f.RawDataSlice().([]uint16)
	if !ok {
		return nil, fmt.Errorf("samples of type %T", f.RawDataSlice())
	}
	out := make([]byte, 0, 2*len(pixels))
	for _, v := range pixels {
		out = binary.LittleEndian.AppendUint16(out, v)
	}
	return out, nil
}
