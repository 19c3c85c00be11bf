// Streams, events, captures and graphs of the emulated device. A stream does its work in order, each piece at once where it waits for no event
// that is still to come; or, where a test asks for that, as late as the host lets it: when somebody waits for it. Work that another stream
// should have waited for, and did not, is then seen not to be done.
#include <chrono>
#include <deque>
#include <list>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "cuda_runtime.h"
#include "state.h"

using namespace emulation;

namespace {

// A place in a stream's work.
struct Point {
  EmulatedStream* stream;
  bool reached = false;
  std::chrono::steady_clock::time_point at;
};

struct Work {
  std::function<void()> call;
  std::shared_ptr<Point> wait;  // what must be reached before, or null
};

struct Capture {
  std::thread::id thread;
  cudaStreamCaptureMode mode;
  std::vector<std::function<void()>> calls;
  bool invalid = false;
};

}  // namespace

struct EmulatedGraph { std::vector<std::function<void()>> calls; };
struct EmulatedGraphExec { std::vector<std::function<void()>> calls; };
struct EmulatedStream {
  bool late;
  std::deque<Work> work;
  std::unique_ptr<Capture> capture;
};
struct EmulatedEvent {
  std::shared_ptr<Point> point;  // null before it is recorded
  bool captured = false;
};

namespace {

// Of a test's process: the streams, by bits in the order in which they were made, that do their work as late as they may,
int64_t late_streams() { return setting("PRIMER_EMULATED_LATE_STREAMS", 0); }
// milliseconds that a capture takes to begin, so that other threads come between,
int64_t slow_capture() { return setting("PRIMER_EMULATED_SLOW_CAPTURE", 0); }
// the capture, from 0, in which the first call is refused,
int64_t refused_capture() { return setting("PRIMER_EMULATED_REFUSED_CAPTURE", kNever); }
// the first graph, from 0, for which the device has no memory,
int64_t graph_without_memory() { return setting("PRIMER_EMULATED_GRAPH_WITHOUT_MEMORY", kNever); }
// and the graph launch, from 0, in which a kernel goes astray.
int64_t faulty_launch() { return setting("PRIMER_EMULATED_FAULTY_LAUNCH", kNever); }

int64_t made = 0, captures = 0, graphs = 0, launches = 0;
EmulatedStream null_stream{false, {}, {}};
std::list<EmulatedStream*> streams{&null_stream};

cudaError_t health() { return fault.empty() ? cudaSuccess : cudaErrorLaunchFailure; }

void run_next(EmulatedStream& stream) {
  const Work work = std::move(stream.work.front());
  stream.work.pop_front();
  if (!fault.empty()) return;
  try {
    work.call();
  } catch (const std::exception& e) {
    fault = e.what();
  }
}

bool ready(const EmulatedStream& stream) { return !stream.work.empty() && (!stream.work.front().wait || stream.work.front().wait->reached || !fault.empty()); }

// What streams do of themselves.
void progress() {
  for (bool moved = true; moved;) {
    moved = false;
    for (EmulatedStream* stream : streams) {
      for (; !stream->late && ready(*stream); moved = true) run_next(*stream);
    }
  }
}

// Does a stream's work up to a point, or all of it, and what that waits for.
void finish(EmulatedStream& stream, const Point* until) {
  while (!stream.work.empty() && !(until && until->reached)) {
    if (const std::shared_ptr<Point> wait = stream.work.front().wait; wait && !wait->reached && fault.empty()) finish(*wait->stream, wait.get());
    run_next(stream);
  }
}

cudaError_t add(EmulatedStream& stream, Work work) {
  if (!fault.empty()) return cudaErrorLaunchFailure;
  stream.work.push_back(std::move(work));
  progress();
  return health();
}

cudaError_t refuse(Capture& capture, cudaError_t error) {
  capture.invalid = true;
  return error;
}

EmulatedStream& stream_of(cudaStream_t stream) { return stream ? *stream : null_stream; }

}  // namespace

namespace emulation {

cudaError_t submit(cudaStream_t to, std::function<void()> call) {
  const Lock lock(state);
  EmulatedStream& stream = stream_of(to);
  if (!stream.capture) return add(stream, {std::move(call), nullptr});
  if (stream.capture->invalid) return cudaErrorStreamCaptureInvalidated;
  if (stream.capture->calls.empty() && captures - 1 == refused_capture()) return refuse(*stream.capture, cudaErrorInvalidValue);
  stream.capture->calls.push_back(std::move(call));
  return cudaSuccess;
}

// The same for libraries that stand in for NVIDIA's.
extern "C" __attribute__((visibility("default"))) cudaError_t primer_emulated_submit(cudaStream_t to, const std::function<void()>& call) { return submit(to, call); }

cudaError_t unsafe_call() {
  for (EmulatedStream* stream : streams) {
    Capture* capture = stream->capture.get();
    if (capture && (capture->mode == cudaStreamCaptureModeGlobal || capture->thread == std::this_thread::get_id())) {
      return refuse(*capture, cudaErrorStreamCaptureUnsupported);
    }
  }
  return health();
}

void finish_all() {
  for (EmulatedStream* stream : streams) finish(*stream, nullptr);
  progress();
}

}  // namespace emulation

// Neither a device nor a stream can be waited for while it is captured from, by any thread.
cudaError_t cudaDeviceSynchronize() {
  const Lock lock(state);
  for (EmulatedStream* stream : streams) {
    if (stream->capture) return refuse(*stream->capture, cudaErrorStreamCaptureUnsupported);
  }
  finish_all();
  return health();
}

cudaError_t cudaStreamSynchronize(cudaStream_t of) {
  const Lock lock(state);
  EmulatedStream& stream = stream_of(of);
  if (stream.capture) return refuse(*stream.capture, cudaErrorStreamCaptureUnsupported);
  finish(stream, nullptr);
  progress();
  return health();
}

cudaError_t cudaMemcpyAsync(void* target, const void* source, size_t bytes, cudaMemcpyKind, cudaStream_t stream) {
  return submit(stream, [=] { std::memmove(target, source, bytes); });
}

cudaError_t cudaMemsetAsync(void* target, int value, size_t bytes, cudaStream_t stream) {
  return submit(stream, [=] { std::memset(target, value, bytes); });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  const Lock lock(state);
  *stream = new EmulatedStream{(late_streams() >> made++ & 1) != 0, {}, {}};
  streams.push_back(*stream);
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const Lock lock(state);
  finish(*stream, nullptr);
  streams.remove(stream);
  delete stream;
  return cudaSuccess;
}

// Other threads may call while a capture is slow to begin.
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  {
    const Lock lock(state);
    if (stream->capture) return cudaErrorIllegalState;
    stream->capture = std::make_unique<Capture>(Capture{std::this_thread::get_id(), mode, {}});
    ++captures;
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(slow_capture()));
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  const Lock lock(state);
  *graph = nullptr;
  if (!stream->capture) return cudaErrorStreamCaptureUnmatched;
  if (stream->capture->thread != std::this_thread::get_id()) return refuse(*stream->capture, cudaErrorStreamCaptureWrongThread);
  const std::unique_ptr<Capture> capture = std::move(stream->capture);
  if (capture->invalid) return cudaErrorStreamCaptureInvalidated;
  *graph = new EmulatedGraph{capture->calls};
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
  const Lock lock(state);
  if (graphs++ == graph_without_memory()) return cudaErrorMemoryAllocation;
  *executable = new EmulatedGraphExec{graph->calls};
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  const Lock lock(state);
  if (launches++ == faulty_launch()) return submit(stream, [] { throw std::runtime_error("an illegal memory access was encountered"); });
  for (const auto& call : executable->calls) {
    if (const cudaError_t error = submit(stream, call)) return error;
  }
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete executable;
  return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) { return *event = new EmulatedEvent, cudaSuccess; }

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t in) {
  const Lock lock(state);
  EmulatedStream& stream = stream_of(in);
  event->captured = stream.capture != nullptr;
  if (event->captured) return cudaSuccess;
  const auto point = std::make_shared<Point>(Point{&stream, false, {}});
  event->point = point;
  return add(stream, {[point] {
    point->reached = true;
    point->at = std::chrono::steady_clock::now();
  }, nullptr});
}

// A capture that goes on in another stream is not emulated.
cudaError_t cudaStreamWaitEvent(cudaStream_t of, cudaEvent_t event, unsigned) {
  const Lock lock(state);
  EmulatedStream& stream = stream_of(of);
  if (event->captured) return cudaErrorStreamCaptureUnsupported;
  if (stream.capture) return refuse(*stream.capture, cudaErrorStreamCaptureIsolation);
  return event->point ? add(stream, {[] {}, event->point}) : health();
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  const Lock lock(state);
  if (event->captured) return cudaErrorCapturedEvent;
  if (event->point && !event->point->reached) finish(*event->point->stream, event->point.get());
  progress();
  return health();
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  *milliseconds = std::chrono::duration<float, std::milli>(end->point->at - start->point->at).count();
  return cudaSuccess;
}
