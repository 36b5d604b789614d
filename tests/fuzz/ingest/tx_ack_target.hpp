#pragma once
// Any bytes as the body of a TX_ACK: bounded words, and an error for every word.

#include "ingest/downlink_sender.hpp"
#include "ingest/semtech_udp_gateway.hpp"
#include "lenne/v1/gateway.pb.h"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {

inline void tx_ack(base::ByteView bytes) {
  using namespace ingest;
  static UplinkDecoder decoder;
  if (const auto body = decoder.decode_tx_ack(bytes)) {
    require(body->error.size() <= 64 && body->warning.size() <= 64, "words are short");
    require(v1::TxError_IsValid(tx_error_of(body->error)), "a word is an error of ours");
    require((tx_error_of(body->error) == v1::TX_ERROR_NONE) == (body->error.empty() || body->error == "NONE"),
            "empty is sent");
  }
  require(v1::TxError_IsValid(tx_error_of(base::as_text(bytes))), "any word is an error of ours");
}

}  // namespace lenne::fuzz
