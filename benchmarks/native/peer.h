// What every driver of a native codec has in common: a loop that takes a job from
// standard input, does it a number of times and answers with the least processor
// time and with the result, so that the caller can compare it.
//
//   decode CODEC REDUCE REPEAT LENGTH\n   and LENGTH bytes: a stream (a Part 10 file for toolkits)
//   encode CODEC WIDTH HEIGHT BITS REPEAT LENGTH\n   and LENGTH bytes: samples (likewise)
//   → ok NANOSECONDS LENGTH\n and LENGTH bytes   or   no REASON\n
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <time.h>
#include <vector>

typedef std::vector<uint8_t> Bytes;

struct Work {
    std::function<void()> run;    // what is timed
    std::function<void()> before; // what makes it ready, each time
    template <class F> Work(F f) : run(f), before([] {}) {}
    template <class F, class B> Work(F f, B b) : run(f), before(b) {}
};

struct Shape {
    int width, height, bits;
    int cell() const { return bits > 8 ? 2 : 1; }
};

[[noreturn]] inline void refuse(const std::string &why) { throw std::runtime_error(why); }

// Each driver defines these three. in and out live as long as the Work.
const char *version();
Work decoder(const std::string &codec, const Bytes &in, int reduce, Bytes &out);
Work encoder(const std::string &codec, const Bytes &in, Shape shape, Bytes &out);

inline long long processorTime() {
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main() {
    printf("ready %s\n", version());
    fflush(stdout);
    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        char kind[16], codec[64];
        Shape shape = {0, 0, 0};
        int reduce = 0, repeat = 1;
        size_t length = 0;
        if (sscanf(line, "decode %63s %d %d %zu", codec, &reduce, &repeat, &length) == 4) strcpy(kind, "decode");
        else if (sscanf(line, "encode %63s %d %d %d %d %zu", codec, &shape.width, &shape.height, &shape.bits, &repeat, &length) == 6) strcpy(kind, "encode");
        else return 1;
        Bytes in(length), out;
        if (length && fread(in.data(), 1, length, stdin) != length) return 1;
        try {
            Work work = kind[0] == 'd' ? decoder(codec, in, reduce, out) : encoder(codec, in, shape, out);
            long long least = 1LL << 62;
            for (int i = 0; i < repeat; i++) {
                work.before();
                long long begin = processorTime();
                work.run();
                long long took = processorTime() - begin;
                if (took < least) least = took;
            }
            printf("ok %lld %zu\n", least, out.size());
            fwrite(out.data(), 1, out.size(), stdout);
        } catch (const std::exception &e) {
            std::string why = e.what();
            for (char &c : why) if (c == '\n') c = ' ';
            printf("no %s\n", why.c_str());
        }
        fflush(stdout);
    }
}
