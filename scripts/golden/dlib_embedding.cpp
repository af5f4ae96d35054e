// Prints the embedding that dlib itself computes of a 150×150 RGB chip; used by make_golden.py only.
//
// apt-get install libdlib-dev libblas-dev liblapack-dev
// g++ -O1 -std=c++14 dlib_embedding.cpp -o dlib_embedding -ldlib -lblas -llapack
// dlib_embedding dlib_face_recognition_resnet_model_v1.dat chip.bin
//
// The network type is the one of dlib's public-domain example dnn_face_recognition_ex.cpp.
#include <dlib/dnn.h>
#include <fstream>
#include <iomanip>
#include <iostream>

using namespace dlib;

template <int N, template <typename> class BN, int stride, typename Below>
using block = BN<con<N, 3, 3, 1, 1, relu<BN<con<N, 3, 3, stride, stride, Below>>>>>;
template <template <int, template <typename> class, int, typename> class Block, int N, template <typename> class BN,
          typename Below>
using residual = add_prev1<Block<N, BN, 1, tag1<Below>>>;
template <template <int, template <typename> class, int, typename> class Block, int N, template <typename> class BN,
          typename Below>
using residual_down = add_prev2<avg_pool<2, 2, 2, 2, skip1<tag2<Block<N, BN, 2, tag1<Below>>>>>>;
template <int N, typename Below> using same = relu<residual<block, N, affine, Below>>;
template <int N, typename Below> using down = relu<residual_down<block, N, affine, Below>>;
template <typename Below> using level0 = down<256, Below>;
template <typename Below> using level1 = same<256, same<256, down<256, Below>>>;
template <typename Below> using level2 = same<128, same<128, down<128, Below>>>;
template <typename Below> using level3 = same<64, same<64, same<64, down<64, Below>>>>;
template <typename Below> using level4 = same<32, same<32, same<32, Below>>>;
using network = loss_metric<fc_no_bias<128, avg_pool_everything<level0<level1<level2<level3<level4<
    max_pool<3, 3, 2, 2, relu<affine<con<32, 7, 7, 2, 2, input_rgb_image_sized<150>>>>>>>>>>>>>;

int main(int count, char **arguments) {
    if (count != 3) return 2;
    network net;
    deserialize(arguments[1]) >> net;
    matrix<rgb_pixel> chip(150, 150);
    std::ifstream file(arguments[2], std::ios::binary);
    for (long row = 0; row < 150; row++)
        for (long column = 0; column < 150; column++) {
            char rgb[3];
            if (!file.read(rgb, 3)) return 1;
            chip(row, column) = rgb_pixel((unsigned char)rgb[0], (unsigned char)rgb[1], (unsigned char)rgb[2]);
        }
    matrix<float, 0, 1> embedding = net(chip);
    for (long i = 0; i < embedding.size(); i++) std::cout << std::setprecision(9) << embedding(i) << "\n";
}
