// DCMTK: RLE, JPEG and JPEG-LS of a Part 10 file, which is parsed before the clock
// runs: the time is that of its codec for one frame.
#include "peer.h"
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcrledrg.h>
#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmdata/dcrlerp.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpeg/djencode.h>
#include <dcmtk/dcmjpeg/djrplol.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/dcmjpls/djencode.h>
#include <dcmtk/dcmjpls/djrparam.h>
#include <memory>

const char *version() {
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
    DcmRLEDecoderRegistration::registerCodecs();
    DJEncoderRegistration::registerCodecs();
    DJLSEncoderRegistration::registerCodecs();
    DcmRLEEncoderRegistration::registerCodecs();
    return OFFIS_DCMTK_VERSION_STRING;
}

static std::shared_ptr<DcmFileFormat> parse(const Bytes &in) {
    auto f = std::make_shared<DcmFileFormat>();
    DcmInputBufferStream s;
    s.setBuffer(in.data(), in.size());
    s.setEos();
    f->transferInit();
    OFCondition c = f->read(s, EXS_Unknown, EGL_noChange, (Uint32)-2);
    f->transferEnd();
    if (c.bad()) refuse(c.text());
    return f;
}

Work decoder(const std::string &codec, const Bytes &in, int reduce, Bytes &out) {
    if (reduce || (codec != "rle" && codec != "jpegll" && codec != "jpegls" && codec != "jpeg8")) refuse("not of this library");
    auto f = parse(in);
    DcmDataset *d = f->getDataset();
    DcmElement *e = nullptr;
    if (d->findAndGetElement(DCM_PixelData, e).bad()) refuse("no pixel data");
    Uint32 size = 0;
    if (e->getUncompressedFrameSize(d, size).bad()) refuse("no size of a frame");
    out.resize(size);
    return [f, d, e, &out] {
        Uint32 first = 0;
        OFString model;
        OFCondition c = e->getUncompressedFrame(d, 0, first, out.data(), out.size(), model);
        if (c.bad()) refuse(c.text());
    };
}

Work encoder(const std::string &codec, const Bytes &in, Shape, Bytes &) {
    E_TransferSyntax to;
    std::shared_ptr<DcmRepresentationParameter> p;
    if (codec == "rle") to = EXS_RLELossless, p.reset(new DcmRLERepresentationParameter());
    else if (codec == "jpegll") to = EXS_JPEGProcess14SV1, p.reset(new DJ_RPLossless(1, 0));
    else if (codec == "jpegls") to = EXS_JPEGLSLossless, p.reset(new DJLSRepresentationParameter(0, OFTrue));
    else refuse("not of this library");
    auto f = parse(in);
    auto copy = std::make_shared<DcmDataset>();
    return Work(
        [copy, to, p] {
            OFCondition c = copy->chooseRepresentation(to, p.get());
            if (c.bad()) refuse(c.text());
        },
        [f, copy] { *copy = *f->getDataset(); });
}
