// CharLS: JPEG-LS.
#include "peer.h"
#include <charls/charls.h>

const char *version() { return charls_get_version_string(); }

static void check(int32_t e) {
    if (e) refuse("CharLS error " + std::to_string(e));
}

Work decoder(const std::string &codec, const Bytes &in, int reduce, Bytes &out) {
    if (codec != "jpegls" || reduce) refuse("not of this library");
    return [&in, &out] {
        charls_jpegls_decoder *d = charls_jpegls_decoder_create();
        check((int32_t)charls_jpegls_decoder_set_source_buffer(d, in.data(), in.size()));
        check((int32_t)charls_jpegls_decoder_read_header(d));
        size_t n;
        check((int32_t)charls_jpegls_decoder_get_destination_size(d, 0, &n));
        out.resize(n);
        check((int32_t)charls_jpegls_decoder_decode_to_buffer(d, out.data(), n, 0));
        charls_jpegls_decoder_destroy(d);
    };
}

Work encoder(const std::string &codec, const Bytes &in, Shape s, Bytes &out) {
    if (codec != "jpegls") refuse("not of this library");
    return [&in, &out, s] {
        charls_jpegls_encoder *e = charls_jpegls_encoder_create();
        charls_frame_info info = {(uint32_t)s.width, (uint32_t)s.height, s.bits, 1};
        check((int32_t)charls_jpegls_encoder_set_frame_info(e, &info));
        out.resize(in.size() * 2 + 1024);
        check((int32_t)charls_jpegls_encoder_set_destination_buffer(e, out.data(), out.size()));
        check((int32_t)charls_jpegls_encoder_encode_from_buffer(e, in.data(), in.size(), 0));
        size_t n;
        check((int32_t)charls_jpegls_encoder_get_bytes_written(e, &n));
        out.resize(n);
        charls_jpegls_encoder_destroy(e);
    };
}
