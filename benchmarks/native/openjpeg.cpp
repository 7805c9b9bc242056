// OpenJPEG: JPEG 2000, and decoding of HTJ2K. One thread, which is its default.
#include "peer.h"
#include <openjpeg.h>

const char *version() { return opj_version(); }

namespace {
struct Memory {
    const Bytes *in;
    Bytes *out;
    size_t at;
};
OPJ_SIZE_T readBytes(void *to, OPJ_SIZE_T n, void *user) {
    Memory *m = (Memory *)user;
    if (m->at >= m->in->size()) return (OPJ_SIZE_T)-1;
    if (n > m->in->size() - m->at) n = m->in->size() - m->at;
    memcpy(to, m->in->data() + m->at, n);
    m->at += n;
    return n;
}
OPJ_SIZE_T writeBytes(void *from, OPJ_SIZE_T n, void *user) {
    Memory *m = (Memory *)user;
    if (m->out->size() < m->at + n) m->out->resize(m->at + n);
    memcpy(m->out->data() + m->at, from, n);
    m->at += n;
    return n;
}
OPJ_OFF_T skipBytes(OPJ_OFF_T n, void *user) {
    ((Memory *)user)->at += n;
    return n;
}
OPJ_BOOL seekBytes(OPJ_OFF_T n, void *user) {
    ((Memory *)user)->at = n;
    return OPJ_TRUE;
}
opj_stream_t *open(Memory *m, bool input) {
    opj_stream_t *s = opj_stream_create(1 << 20, input);
    opj_stream_set_user_data(s, m, nullptr);
    opj_stream_set_user_data_length(s, m->in ? m->in->size() : 0);
    opj_stream_set_read_function(s, readBytes);
    opj_stream_set_write_function(s, writeBytes);
    opj_stream_set_skip_function(s, skipBytes);
    opj_stream_set_seek_function(s, seekBytes);
    return s;
}
} // namespace

Work decoder(const std::string &codec, const Bytes &in, int reduce, Bytes &out) {
    if (codec.compare(0, 3, "j2k") && codec.compare(0, 5, "htj2k")) refuse("not of this library");
    return [&in, &out, reduce] {
        opj_dparameters_t p;
        opj_set_default_decoder_parameters(&p);
        p.cp_reduce = reduce;
        opj_codec_t *c = opj_create_decompress(OPJ_CODEC_J2K);
        opj_setup_decoder(c, &p);
        Memory m = {&in, nullptr, 0};
        opj_stream_t *s = open(&m, true);
        opj_image_t *image = nullptr;
        if (!opj_read_header(s, c, &image) || !opj_decode(c, s, image)) refuse("OpenJPEG failed");
        size_t n = (size_t)image->comps[0].w * image->comps[0].h;
        out.resize(2 * n);
        uint16_t *to = (uint16_t *)out.data();
        for (size_t i = 0; i < n; i++) to[i] = (uint16_t)image->comps[0].data[i];
        opj_stream_destroy(s);
        opj_destroy_codec(c);
        opj_image_destroy(image);
    };
}

Work encoder(const std::string &codec, const Bytes &in, Shape s, Bytes &out) {
    bool lossy = codec == "j2k97";
    if (codec != "j2k53" && !lossy) refuse("not of this library");
    return [&in, &out, s, lossy] {
        opj_cparameters_t p;
        opj_set_default_encoder_parameters(&p);
        p.irreversible = lossy;
        p.tcp_numlayers = 1;
        p.tcp_rates[0] = lossy ? 6 : 0;
        p.cp_disto_alloc = 1;
        opj_image_cmptparm_t component;
        memset(&component, 0, sizeof component);
        component.dx = component.dy = 1;
        component.w = s.width;
        component.h = s.height;
        component.prec = s.bits;
        opj_image_t *image = opj_image_create(1, &component, OPJ_CLRSPC_GRAY);
        image->x1 = s.width;
        image->y1 = s.height;
        const uint16_t *from = (const uint16_t *)in.data();
        for (int i = 0; i < s.width * s.height; i++) image->comps[0].data[i] = from[i];
        opj_codec_t *c = opj_create_compress(OPJ_CODEC_J2K);
        opj_setup_encoder(c, &p, image);
        out.clear();
        Memory m = {nullptr, &out, 0};
        opj_stream_t *stream = open(&m, false);
        if (!opj_start_compress(c, image, stream) || !opj_encode(c, stream) || !opj_end_compress(c, stream)) refuse("OpenJPEG failed");
        opj_stream_destroy(stream);
        opj_destroy_codec(c);
        opj_image_destroy(image);
    };
}
