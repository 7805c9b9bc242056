// OpenJPH: HTJ2K. It picks its SIMD code by the processor.
#include "peer.h"
#include <algorithm>
#include <openjph/ojph_arch.h>
#include <openjph/ojph_base.h>
#include <openjph/ojph_codestream.h>
#include <openjph/ojph_file.h>
#include <openjph/ojph_mem.h>
#include <openjph/ojph_params.h>
#include <openjph/ojph_version.h>

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
const char *version() { return TEXT(OPENJPH_VERSION_MAJOR) "." TEXT(OPENJPH_VERSION_MINOR) "." TEXT(OPENJPH_VERSION_PATCH); }

Work decoder(const std::string &codec, const Bytes &in, int reduce, Bytes &out) {
    if (codec.compare(0, 5, "htj2k")) refuse("not of this library");
    return [&in, &out, reduce] {
        ojph::codestream c;
        ojph::mem_infile f;
        f.open(in.data(), in.size());
        c.read_headers(&f);
        c.restrict_input_resolution(reduce, reduce);
        c.create();
        ojph::param_siz siz = c.access_siz();
        int most = (1 << siz.get_bit_depth(0)) - 1;
        size_t w = siz.get_recon_width(0), h = siz.get_recon_height(0);
        out.resize(2 * w * h);
        uint16_t *to = (uint16_t *)out.data();
        for (size_t y = 0; y < h; y++, to += w) {
            ojph::ui32 component;
            ojph::line_buf *l = c.pull(component);
            // Irreversible samples may pass the range of the component, as for its own writers.
            for (size_t x = 0; x < w; x++) to[x] = (uint16_t)std::min(std::max(l->i32[x], 0), most);
        }
        c.close();
    };
}

Work encoder(const std::string &codec, const Bytes &in, Shape s, Bytes &out) {
    bool lossy = codec == "htj2k97";
    if (codec != "htj2k53" && !lossy) refuse("not of this library");
    return [&in, &out, s, lossy] {
        ojph::codestream c;
        ojph::param_siz siz = c.access_siz();
        siz.set_image_extent(ojph::point(s.width, s.height));
        siz.set_num_components(1);
        siz.set_component(0, ojph::point(1, 1), s.bits, false);
        ojph::param_cod cod = c.access_cod();
        cod.set_num_decomposition(5);
        cod.set_reversible(!lossy);
        cod.set_color_transform(false);
        if (lossy) c.access_qcd().set_irrev_quant(1.0f / 4096);
        c.set_planar(false);
        ojph::mem_outfile f;
        f.open();
        c.write_headers(&f);
        ojph::ui32 component;
        ojph::line_buf *l = c.exchange(nullptr, component);
        const uint16_t *from = (const uint16_t *)in.data();
        for (int y = 0; y < s.height; y++, from += s.width) {
            for (int x = 0; x < s.width; x++) l->i32[x] = from[x];
            l = c.exchange(l, component);
        }
        c.flush();
        out.assign(f.get_data(), f.get_data() + f.tell());
        c.close();
    };
}
