//go:build !amd64

package pixel

func halveFast([]byte, []byte, []byte, int, cells) int { return 0 }
