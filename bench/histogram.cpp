#include "bench/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace mcp::bench {

std::size_t histogram::index_of(std::uint64_t v) {
  if (v < (2u << sub_bits))
    return static_cast<std::size_t>(v);
  const int shift = std::bit_width(v) - sub_bits - 1;
  return (static_cast<std::size_t>(shift) << sub_bits)
         + static_cast<std::size_t>(v >> shift);
}

std::uint64_t histogram::top_of(std::size_t index) {
  if (index < (2u << sub_bits))
    return index;
  const auto shift = (index >> sub_bits) - 1;
  const auto kept = index - (shift << sub_bits);
  return ((kept + 1) << shift) - 1;
}

void histogram::record(std::uint64_t nanoseconds) {
  ++buckets_[std::min(index_of(nanoseconds), buckets_.size() - 1)];
  ++count_;
  max_ = std::max(max_, nanoseconds);
  sum_ += static_cast<double>(nanoseconds);
}

void histogram::add(const histogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i)
    buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

std::uint64_t histogram::at(double percent) const {
  const auto wanted = static_cast<std::uint64_t>(
    std::ceil(static_cast<double>(count_) * percent / 100));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted && seen > 0)
      return std::min(top_of(i), max_);
  }
  return max_;
}

double histogram::mean() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

} // namespace mcp::bench
