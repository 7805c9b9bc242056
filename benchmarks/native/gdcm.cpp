// GDCM: RLE, JPEG, JPEG-LS and JPEG 2000 of a Part 10 file, which is parsed before
// the clock runs: the time is that of its codec for one frame.
#include "peer.h"
#include <gdcmImage.h>
#include <gdcmImageReader.h>
#include <gdcmVersion.h>
#include <memory>
#include <sstream>

const char *version() { return gdcm::Version::GetVersion(); }

static std::shared_ptr<gdcm::ImageReader> parse(const Bytes &in) {
    std::istringstream s(std::string(in.begin(), in.end()));
    auto r = std::make_shared<gdcm::ImageReader>();
    r->SetStream(s);
    if (!r->Read()) refuse("GDCM cannot read the file");
    return r;
}

Work decoder(const std::string &codec, const Bytes &in, int reduce, Bytes &out) {
    if (reduce || codec == "native" || !codec.compare(0, 5, "htj2k")) refuse("not of this library");
    auto r = parse(in);
    out.resize(r->GetImage().GetBufferLength());
    return [r, &out] {
        if (!r->GetImage().GetBuffer((char *)out.data())) refuse("GDCM cannot decode the frame");
    };
}

// Its encoders are not timed: they put off the work to where it cannot be told from writing the file.
Work encoder(const std::string &, const Bytes &, Shape, Bytes &) { refuse("encoders are not timed"); }
