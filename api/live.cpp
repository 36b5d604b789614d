// GET /v1/live: follows the log for one client at the client's own pace. At most one poll's records are held for it, so
// a slow client costs no memory; one that takes nothing for too long is cut.
#include <memory>
#include <vector>

#include "api/event_filter.hpp"
#include "api/event_source.hpp"
#include "api/routes.hpp"
#include "api/server_io.hpp"

namespace lenne::api {
namespace {

constexpr std::size_t kRecordsAtOnce = 64;
constexpr int kRoundsBetweenTokenChecks = 100;

struct Live {
  Live(Context& of, beast::tcp_stream stream)
      : context(of), socket(std::move(stream)), poll_timer(socket.get_executor()), deadline(socket.get_executor()) {}

  Context& context;
  websocket::stream<beast::tcp_stream> socket;
  asio::steady_timer poll_timer;
  asio::steady_timer deadline;
  bool closed = false;
  std::uint64_t writes = 0;  // finished ones: tells a deadline whether it is still its write
};

// Reads so that pings, pongs and the close are handled; what a client says is nothing to us.
asio::awaitable<void> read_until_closed(std::shared_ptr<Live> live) {
  beast::flat_buffer buffer(4096);
  while (!live->closed) {
    auto [error, size] = co_await live->socket.async_read(buffer, kAwait);
    if (error) break;
    buffer.consume(size);
  }
  live->closed = true;
  live->poll_timer.cancel();
}

asio::awaitable<bool> write_line(std::shared_ptr<Live> live, const std::string& line) {
  live->deadline.expires_after(live->context.settings.limits.live_write_timeout);
  live->deadline.async_wait([live, writes = live->writes](beast::error_code error) {
    if (error || live->writes != writes || live->closed) return;
    live->closed = true;
    live->context.refuse("live_slow");
    beast::get_lowest_layer(live->socket).close();
  });
  auto [error, size] = co_await live->socket.async_write(asio::buffer(line), kAwait);
  (void)size;
  ++live->writes;
  live->deadline.cancel();
  co_return !error;
}

struct Followed {
  Caller caller;
  EventFilter filter;
  EventSource source;
};

base::Result<Followed> open_followed(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"type", "tenant", "from"}); !known) return std::unexpected(known.error());
  auto filter = EventFilter::of(request.query.text("type"), request.query.text("tenant"), caller.scope);
  if (!filter) return std::unexpected(filter.error());
  const auto from = request.query.find("from").value_or("now");
  if (filter->wants_alerts() && from == "beginning") {
    return base::fail("bad_parameter", "alerts are followed from now or a position; what was is at /v1/alerts");
  }
  auto source = EventSource::open(context.deps.log, filter->topics(), filter->label(), from);
  if (!source) return std::unexpected(source.error());
  return Followed{caller, std::move(*filter), std::move(*source)};
}

// Whether a request may become a WebSocket, and what it then follows.
base::Result<Followed> admit_live(Context& context, const Request& request, const std::string& token) {
  const auto match = match_route("GET", request.path);
  if (request.path != "/v1/live" || match.route == nullptr || !context.settings.views)
    return base::fail("not_found", "there is no WebSocket here");
  auto caller = context.auth.caller_of(token);
  if (caller) caller = admit(*match.route, std::move(*caller));
  if (!caller) return std::unexpected(caller.error());
  if (context.live_clients >= context.settings.limits.live_clients)
    return base::fail("too_many", "too many clients listen already");
  return open_followed(context, request, *caller);
}

// The lines that are there now. Empty and no error: nothing new.
base::Result<std::size_t> take_lines(Context& context, Followed& followed, std::vector<std::string>& lines) {
  lines.clear();
  return followed.source.take(EventSource::Until::arrived, kRecordsAtOnce, [&](const storage::Record& record) {
    if (auto line = followed.filter.line_of(record, followed.source, context.deps.hooks.render_message))
      lines.push_back(std::move(*line));
    return true;
  });
}

// A token may be revoked, or expire, while its client listens.
bool still_allowed(Context& context, const std::string& token, const Caller& caller) {
  const auto now = context.auth.caller_of(token);
  return now && now->role == caller.role;
}

asio::awaitable<void> follow(std::shared_ptr<Live> live, Followed& followed, std::string token) {
  std::vector<std::string> lines;
  std::string reason;
  websocket::close_code code = websocket::close_code::going_away;
  for (int round = 1; !live->closed; ++round) {
    if (round % kRoundsBetweenTokenChecks == 0 && !still_allowed(live->context, token, followed.caller)) {
      code = websocket::close_code::policy_error;
      reason = "unauthorized";
      break;
    }
    auto taken = take_lines(live->context, followed, lines);
    if (!taken) {
      live->context.refuse("live_log");
      code = websocket::close_code::try_again_later;
      reason = taken.error().code;
      break;
    }
    for (const auto& line : lines) {
      const bool written = co_await write_line(live, line);
      if (!written) co_return;
    }
    if (*taken > 0) continue;
    live->poll_timer.expires_after(live->context.settings.limits.live_poll);
    auto [error] = co_await live->poll_timer.async_wait(kAwait);
    (void)error;
  }
  if (live->closed) co_return;
  live->closed = true;
  const websocket::close_reason why(code, reason);
  auto [error] = co_await live->socket.async_close(why, kAwait);
  (void)error;
}

}  // namespace

asio::awaitable<void> serve_live(Context& context, beast::tcp_stream stream, http::request<http::string_body> upgrade,
                                 Request request, std::string token) {
  const auto limits = context.settings.limits;
  auto admitted = admit_live(context, request, token);
  if (!admitted) {
    context.refuse("live_" + admitted.error().code);
    auto message = message_of(error_response(admitted.error()), false, false, upgrade.version(), false);
    const bool written = co_await write_response(stream, std::move(message), limits.write_timeout);
    (void)written;
    co_return;
  }
  const Counted counted(context.live_clients);
  stream.expires_never();
  auto live = std::make_shared<Live>(context, std::move(stream));
  live->socket.set_option(websocket::stream_base::timeout{limits.header_timeout, limits.idle_timeout, true});
  live->socket.read_message_max(4096);
  live->socket.text(true);
  auto [error] = co_await live->socket.async_accept(upgrade, kAwait);
  if (error) co_return;
  asio::co_spawn(live->socket.get_executor(), read_until_closed(live), asio::detached);
  co_await follow(live, *admitted, std::move(token));
  live->closed = true;
  beast::get_lowest_layer(live->socket).close();
}

}  // namespace lenne::api
