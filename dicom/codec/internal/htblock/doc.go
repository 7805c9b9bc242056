// Package htblock decodes the code-blocks of High-Throughput JPEG 2000 (ITU-T T.814 |
// ISO/IEC 15444-15): the HT cleanup pass (§7.3) and the HT significance
// propagation and magnitude refinement passes (§7.4, §7.5). Package j2k finds
// the blocks and their segments.
//
// A Block holds the work space, a few rows of quads; it serves one goroutine.
package htblock
