// wall_binding.cc: the addon `wall`: ring, sealed memory, process; the rest is exported from here.
//
// Its shape is WallAddon in src/native.ts.
#include <napi.h>
#include <unistd.h>

#include "gate.h"
#include "journal.h"
#include "listener_binding.h"
#include "lockdown_binding.h"
#include "process.h"
#include "process_binding.h"
#include "ring.h"
#include "sealed_binding.h"
#include "watch_binding.h"

namespace {

const double BLOCKS_MAX = 1 << 20;
const double MS_MAX = 24 * 3600 * 1000;

Napi::Number NumberOf(const Napi::CallbackInfo &info, double number) {
  return Napi::Number::New(info.Env(), number);
}

uint32_t Field(Napi::Object config, const char *name, double least, double most) {
  return static_cast<uint32_t>(gate::Integer(config.Get(name), name, least, most));
}

uint32_t Rows(Napi::Env env, const gate::Bytes &table, const char *name, uint32_t fields) {
  const size_t row_bytes = fields * sizeof(int32_t);
  if (table.length % row_bytes != 0 || table.length / row_bytes > UINT32_MAX)
    gate::Refuse(env, name, "a whole number of rows");
  return static_cast<uint32_t>(table.length / row_bytes);
}

void ReadTables(Napi::Object from, struct ring_config *config) {
  const Napi::Env env = from.Env();
  const gate::Bytes inbox = gate::Uint8Array(from.Get("inbox"), "inbox");
  const gate::Bytes events = gate::Int32Array(from.Get("events"), "events");
  const gate::Bytes outbox = gate::Int32Array(from.Get("outbox"), "outbox");
  const gate::Bytes scratch = gate::Uint8Array(from.Get("scratch"), "scratch");
  const gate::Bytes peers = gate::Uint8Array(from.Get("peers"), "peers");
  const gate::Bytes trusted = gate::Uint8Array(from.Get("trusted"), "trusted");
  const Napi::Value archive = from.Get("archive");
  if (!archive.IsArrayBuffer()) gate::Refuse(env, "archive", "an ArrayBuffer");
  if (inbox.length >= 1u << 31) gate::Refuse(env, "inbox", "shorter than 2 GiB");
  if (scratch.length >= 1u << 31) gate::Refuse(env, "scratch", "shorter than 2 GiB");
  const size_t slots = static_cast<size_t>(config->connections_max) + config->connections_spare;
  if (peers.length < slots * RING_PEER_BYTES) gate::Refuse(env, "peers", "32 bytes a slot");
  if (trusted.length % RING_NETWORK_BYTES != 0) gate::Refuse(env, "trusted", "whole networks");
  config->inbox = inbox.data;
  config->inbox_bytes = static_cast<uint32_t>(inbox.length);
  config->events = reinterpret_cast<int32_t *>(events.data);
  config->event_rows = Rows(env, events, "events", RING_EVENT_FIELDS);
  config->outbox = reinterpret_cast<const uint32_t *>(outbox.data);
  config->outbox_rows = Rows(env, outbox, "outbox", RING_OUTBOX_FIELDS);
  config->scratch = scratch.data;
  config->scratch_bytes = static_cast<uint32_t>(scratch.length);
  config->archive = static_cast<const uint8_t *>(archive.As<Napi::ArrayBuffer>().Data());
  config->archive_bytes = archive.As<Napi::ArrayBuffer>().ByteLength();
  config->peers = peers.data;
  config->trusted = trusted.data;
  config->trusted_count = static_cast<uint32_t>(trusted.length / RING_NETWORK_BYTES);
}

void CheckRelations(Napi::Env env, const struct ring_config *config) {
  if (config->event_rows < 16) gate::Refuse(env, "events", "at least 16 rows");
  if (config->scratch_static_bytes > config->scratch_bytes)
    gate::Refuse(env, "scratchStaticBytes", "within scratch");
  if (config->inbox_bytes <= config->input_bytes_max)
    gate::Refuse(env, "inbox", "longer than inputBytesMax");
}

// NULL: there is none.
struct journal *OpenJournal(Napi::Value value, struct journal *journal) {
  const int descriptor = gate::Int(value, "journalDescriptor", -1, gate::INT32_TOP);
  if (descriptor < 0) return nullptr;
  const int opened = journal_open(descriptor, journal);
  if (opened < 0) gate::ThrowErrno(value.Env(), -opened, "journal_open");
  close(descriptor);  // mapped for good, and nobody's to pass on
  return journal;
}

struct ring_config ReadConfig(Napi::Value value) {
  if (!value.IsObject()) gate::Refuse(value.Env(), "config", "an object");
  const Napi::Object from = value.As<Napi::Object>();
  struct ring_config config = {};
  config.connections_max = Field(from, "connectionsMax", 1, RING_CONNECTIONS_MAX);
  config.connections_spare = Field(from, "connectionsSpare", 1, 1024);
  config.connections_per_address =
      Field(from, "connectionsPerAddress", 0, RING_CONNECTIONS_MAX);
  config.scratch_static_bytes = Field(from, "scratchStaticBytes", 0, gate::INT32_TOP);
  config.input_bytes_max = Field(from, "inputBytesMax", 1, 1 << 24);
  config.carry_blocks = Field(from, "carryBlocks", 1, BLOCKS_MAX);
  config.pending_blocks = Field(from, "pendingBlocks", 1, BLOCKS_MAX);
  config.pending_scratch_bytes = Field(from, "pendingScratchBytes", 0, 1 << 24);
  config.accepts_per_turn = Field(from, "acceptsPerTurn", 1, gate::INT32_TOP);
  config.header_timeout_ms = Field(from, "headerTimeoutMs", 1, MS_MAX);
  config.idle_timeout_ms = Field(from, "idleTimeoutMs", 1, MS_MAX);
  config.write_timeout_ms = Field(from, "writeTimeoutMs", 1, MS_MAX);
  config.write_bytes_min = Field(from, "writeBytesMin", 1, gate::INT32_TOP);
  config.linger_silence_ms = Field(from, "lingerSilenceMs", 1, MS_MAX);
  config.linger_total_ms = Field(from, "lingerTotalMs", 1, MS_MAX);
  config.accept_pause_ms = Field(from, "acceptPauseMs", 1, MS_MAX);
  config.control_fd =
      gate::Int(from.Get("controlDescriptor"), "controlDescriptor", -1, gate::INT32_TOP);
  ReadTables(from, &config);
  CheckRelations(value.Env(), &config);
  return config;
}

class Ring : public Napi::ObjectWrap<Ring> {
 public:
  static Napi::Function Class(Napi::Env env) {
    // turn by the bare interface: it is called once a batch for ever and must leave nothing on the
    // heap.
    napi_property_descriptor turn = {};
    turn.utf8name = "turn";
    turn.method = Turn;
    turn.attributes = napi_default_method;
    return DefineClass(env, "Ring",
                       {turn, InstanceMethod<&Ring::Flush>("flush"),
                        InstanceMethod<&Ring::Listen>("listen"),
                        InstanceMethod<&Ring::Unlisten>("unlisten"),
                        InstanceMethod<&Ring::Withdraw>("withdraw"),
                        InstanceMethod<&Ring::Drain>("drain"),
                        InstanceMethod<&Ring::Epoll>("epoll"),
                        InstanceMethod<&Ring::Connections>("connections"),
                        InstanceMethod<&Ring::Stats>("stats")});
  }

  explicit Ring(const Napi::CallbackInfo &info) : Napi::ObjectWrap<Ring>(info) {
    gate::Count(info, 1);
    struct ring_config config = ReadConfig(info[0]);
    const Napi::Object from = info[0].As<Napi::Object>();
    config.journal = OpenJournal(from.Get("journalDescriptor"), &journal_);
    ring_ = ring_open(&config);
    if (ring_ == nullptr) gate::ThrowErrno(info.Env(), errno, "ring_open");
    KeepTables(from);
  }

  ~Ring() override {
    if (ring_ != nullptr) ring_close(ring_);
  }

 private:
  // The ring holds bare pointers: the tables live as long as it does.
  void KeepTables(Napi::Object config) {
    Napi::Object tables = Napi::Object::New(config.Env());
    for (const char *name : {"inbox", "events", "outbox", "scratch", "archive", "peers", "trusted"})
      tables.Set(name, config.Get(name));
    tables_ = Napi::Persistent(tables);
  }

  static napi_value Turn(napi_env env, napi_callback_info info) {
    napi_value argument;
    napi_value self;
    napi_value result;
    size_t count = 1;
    void *wrapped;
    int32_t rows;
    if (napi_get_cb_info(env, info, &count, &argument, &self, nullptr) != napi_ok ||
        napi_unwrap(env, self, &wrapped) != napi_ok || count != 1 ||
        napi_get_value_int32(env, argument, &rows) != napi_ok || rows < 0) {
      napi_throw_type_error(env, nullptr, "argument rows must be a count of outbox rows");
      return nullptr;
    }
    struct ring *ring = static_cast<Ring *>(wrapped)->ring_;
    const uint32_t events = ring_turn(ring, static_cast<uint32_t>(rows));
    napi_create_int32(env, static_cast<int32_t>(events), &result);
    return result;
  }

  Napi::Value Flush(const Napi::CallbackInfo &info) {
    gate::Count(info, 1);
    ring_flush(ring_, static_cast<uint32_t>(gate::Int(info[0], "rows", 0, gate::INT32_TOP)));
    return info.Env().Undefined();
  }

  Napi::Value Listen(const Napi::CallbackInfo &info) {
    gate::Count(info, 2);
    const int listener = gate::Descriptor(info[0], "listener");
    const int added = ring_listen(ring_, listener, gate::Boolean(info[1], "lasting") ? 1 : 0);
    if (added < 0) gate::ThrowErrno(info.Env(), -added, "epoll_ctl");
    return info.Env().Undefined();
  }

  Napi::Value Unlisten(const Napi::CallbackInfo &info) {
    gate::Count(info, 1);
    ring_unlisten(ring_, gate::Descriptor(info[0], "listener"));
    return info.Env().Undefined();
  }

  Napi::Value Withdraw(const Napi::CallbackInfo &info) {
    gate::Count(info, 0);
    ring_withdraw(ring_);
    return info.Env().Undefined();
  }

  Napi::Value Drain(const Napi::CallbackInfo &info) {
    gate::Count(info, 1);
    ring_drain(ring_, static_cast<uint32_t>(gate::Int(info[0], "timeoutMs", 0, MS_MAX)));
    return info.Env().Undefined();
  }

  Napi::Value Epoll(const Napi::CallbackInfo &info) {
    return NumberOf(info, ring_epoll(ring_));
  }

  Napi::Value Connections(const Napi::CallbackInfo &info) {
    return NumberOf(info, ring_connections(ring_));
  }

  Napi::Value Stats(const Napi::CallbackInfo &info) {
    const struct ring_stats *stats = ring_stats(ring_);
    const struct {
      const char *name;
      uint64_t count;
    } counters[] = {
        {"accepted", stats->accepted},
        {"closed", stats->closed},
        {"refused", stats->refused},
        {"evicted", stats->evicted},
        {"expired", stats->expired},
        {"receivedBytes", stats->received_bytes},
        {"sentBytes", stats->sent_bytes},
        {"turns", stats->turns},
        {"acceptPauses", stats->accept_pauses},
        {"refusedAddress", stats->refused_address},
        {"cutOff", stats->cut_off},
    };
    Napi::Object result = Napi::Object::New(info.Env());
    for (const auto &counter : counters)
      result.Set(counter.name, NumberOf(info, static_cast<double>(counter.count)));
    return result;
  }

  struct ring *ring_ = nullptr;
  struct journal journal_ = {};
  Napi::ObjectReference tables_;
};

Napi::Value CloseDescriptor(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  if (close(gate::Descriptor(info[0], "descriptor")) != 0)
    gate::ThrowErrno(info.Env(), errno, "close");
  return info.Env().Undefined();
}

Napi::Value IgnoreSignals(const Napi::CallbackInfo &info) {
  gate::Count(info, 0);
  const int ignored = process_ignore_signals();
  if (ignored < 0) gate::ThrowErrno(info.Env(), -ignored, "sigaction");
  return info.Env().Undefined();
}

Napi::Value RaiseDescriptorLimit(const Napi::CallbackInfo &info) {
  gate::Count(info, 0);
  const int64_t limit = process_raise_descriptors();
  if (limit < 0) gate::ThrowErrno(info.Env(), static_cast<int>(-limit), "getrlimit");
  return NumberOf(info, static_cast<double>(limit));
}

Napi::Value Exit(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  process_exit(gate::Int(info[0], "code", 0, UINT8_MAX));
}

// Every number of ring.h by its own name, for the mirror in src/hot/ring.ts to be held against.
Napi::Object Layout(Napi::Env env) {
  Napi::Object layout = Napi::Object::New(env);
  const auto put = [&](const char *name, double number) {
    layout.Set(name, Napi::Number::New(env, number));
  };
#define PUT(name) put(#name, name)
  PUT(RING_EVENT_CONNECTION), PUT(RING_EVENT_KIND), PUT(RING_EVENT_OFFSET), PUT(RING_EVENT_LENGTH);
  PUT(RING_EVENT_FIELDS);
  PUT(RING_OPENED), PUT(RING_DATA), PUT(RING_HALF_CLOSED), PUT(RING_CLOSED), PUT(RING_EXPIRED);
  PUT(RING_REFUSED), PUT(RING_DRAINED), PUT(RING_CONTROL), PUT(RING_TICK);
  PUT(RING_OUTBOX_CONNECTION), PUT(RING_OUTBOX_OP), PUT(RING_OUTBOX_OFFSET);
  PUT(RING_OUTBOX_LENGTH), PUT(RING_OUTBOX_FIELDS);
  PUT(RING_SEND_ARCHIVE), PUT(RING_SEND_SCRATCH), PUT(RING_CONSUMED), PUT(RING_FINISH);
  PUT(RING_NOTE), PUT(RING_TEXT), PUT(JOURNAL_TEXTS), PUT(JOURNAL_SLOTS);
  PUT(RING_AGAIN), PUT(RING_NUMBER_BITS), PUT(RING_CONNECTIONS_MAX), PUT(RING_PARTS_MAX);
  PUT(RING_PEER_BYTES), PUT(RING_PEER_TRUSTED), PUT(RING_NETWORK_BYTES);
#undef PUT
  layout.Freeze();
  return layout;
}

Napi::Object Export(Napi::Env env, Napi::Object exports) {
  exports.Set("layout", Layout(env));
  exports.Set("Ring", Ring::Class(env));
  exports.Set("closeDescriptor", Napi::Function::New<CloseDescriptor>(env, "closeDescriptor"));
  exports.Set("ignoreSignals", Napi::Function::New<IgnoreSignals>(env, "ignoreSignals"));
  exports.Set("raiseDescriptorLimit",
              Napi::Function::New<RaiseDescriptorLimit>(env, "raiseDescriptorLimit"));
  exports.Set("exit", Napi::Function::New<Exit>(env, "exit"));
  ExportLockdown(env, exports);
  ExportProcesses(env, exports);
  ExportListeners(env, exports);
  ExportWatch(env, exports);
  ExportSealed(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(wall, Export)
