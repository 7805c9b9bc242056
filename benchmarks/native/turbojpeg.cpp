// libjpeg-turbo: JPEG baseline, 8 bit. It picks its SIMD code by the processor.
#include "peer.h"
#include <turbojpeg.h>

const char *version() { return "(TurboJPEG 2)"; }

static tjhandle decompress = tjInitDecompress(), compress = tjInitCompress();

Work decoder(const std::string &codec, const Bytes &in, int reduce, Bytes &out) {
    if (codec != "jpeg8") refuse("not of this library");
    return [&in, &out, reduce] {
        int w, h, sampling, space;
        if (tjDecompressHeader3(decompress, in.data(), in.size(), &w, &h, &sampling, &space)) refuse(tjGetErrorStr2(decompress));
        tjscalingfactor by = {1, 1 << reduce};
        w = TJSCALED(w, by);
        h = TJSCALED(h, by);
        out.resize((size_t)w * h);
        if (tjDecompress2(decompress, in.data(), in.size(), out.data(), w, 0, h, TJPF_GRAY, TJFLAG_ACCURATEDCT)) refuse(tjGetErrorStr2(decompress));
    };
}

Work encoder(const std::string &, const Bytes &, Shape, Bytes &) { refuse("we have no encoder to stand beside"); }
