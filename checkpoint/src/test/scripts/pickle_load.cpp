// Loads checkpoints with libtorch's torch::pickle_load and prints what they hold, to check by hand
// what TorchFlavor.CPP writes. With the libtorch of a pip-installed torch:
//
//   T=$(python3 -c 'import torch, os; print(os.path.dirname(torch.__file__))')
//   g++ -std=c++20 -I$T/include -I$T/include/torch/csrc/api/include pickle_load.cpp
//       -L$T/lib -Wl,-rpath,$T/lib -ltorch -ltorch_cpu -lc10 -o pickle_load
//   ./pickle_load model.pt
//
// (one line each; torch before 2.15 takes -std=c++17). Ends with 1 if a file cannot be loaded.

#include <torch/serialize.h>
#include <torch/torch.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

static void show(const std::string& path, const c10::IValue& value) {
  if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) {
      std::ostringstream key;
      key << entry.key();
      show(path + "/" + key.str(), entry.value());
    }
  } else if (value.isTensor()) {
    const auto tensor = value.toTensor();
    const auto sum = tensor.is_quantized() || tensor.is_complex() ? 0.0 : tensor.to(torch::kDouble).sum().item<double>();
    std::cout << path << "\t" << tensor.dtype() << "\t" << tensor.sizes() << "\t" << tensor.strides()
              << "\tsum " << sum << (tensor.requires_grad() ? "\trequires grad" : "") << "\n";
  } else {
    std::cout << path << "\t" << value << "\n";
  }
}

int main(int count, char** files) {
  int code = 0;
  for (int i = 1; i < count; i++) {
    std::ifstream in(files[i], std::ios::binary);
    const std::vector<char> bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    try {
      show(files[i], torch::pickle_load(bytes));
    } catch (const std::exception& error) {
      const std::string text = error.what();
      std::cout << files[i] << "\tFAILED: " << text.substr(0, text.find('\n')) << "\n";
      code = 1;
    }
  }
  return code;
}
