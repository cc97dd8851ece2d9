// What a task that does nothing costs in oneTBB's flow graph, on the training shape: S gradients, a pairwise tree, one update,
// and the next step's gradients behind it. Prints one line a case: shape, threads, nanoseconds a task of each run.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

using namespace oneapi::tbb;
using Node = flow::continue_node<flow::continue_msg>;

static double nanosecondsOfTask(int gradients, int threads, long tasks) {
  const int stepsAtOnce = 64;
  flow::graph graph;
  std::vector<std::unique_ptr<Node>> nodes;
  auto add = [&](std::vector<Node *> from) {
    nodes.push_back(std::make_unique<Node>(graph, [](const flow::continue_msg &) {}));
    for (Node *node : from) flow::make_edge(*node, *nodes.back());
    return nodes.back().get();
  };
  Node *first = add({});
  Node *last = first;
  for (int step = 0; step < stepsAtOnce; ++step) {
    std::vector<Node *> level;
    for (int place = 0; place < gradients; ++place) level.push_back(add({last}));
    while (level.size() > 1) {
      std::vector<Node *> next;
      for (size_t place = 0; place + 1 < level.size(); place += 2) {
        next.push_back(add({level[place], level[place + 1]}));
      }
      if (level.size() % 2) next.push_back(level.back());
      level = next;
    }
    last = add({level[0]});
  }
  const long rounds = std::max(1L, tasks / long(nodes.size()));
  auto run = [&](long count) {
    for (long round = 0; round < count; ++round) {
      first->try_put(flow::continue_msg());
      graph.wait_for_all();
    }
  };
  run(rounds / 10 + 1);
  const auto begin = std::chrono::steady_clock::now();
  run(rounds);
  const std::chrono::duration<double, std::nano> passed = std::chrono::steady_clock::now() - begin;
  return passed.count() / double(rounds * long(nodes.size()));
}

int main(int count, char **arguments) {
  const long tasks = count > 1 ? std::atol(arguments[1]) : 1000000;
  const int runs = count > 2 ? std::atoi(arguments[2]) : 5;
  for (int gradients : {8, 32}) {
    for (int threads : {1, 2}) {
      global_control limit(global_control::max_allowed_parallelism, threads);
      task_arena arena(threads);
      std::printf("training, %d gradients\t%d", gradients, threads);
      for (int run = 0; run < runs; ++run) {
        arena.execute([&] { std::printf("\t%.2f", nanosecondsOfTask(gradients, threads, tasks)); });
      }
      std::printf("\n");
    }
  }
}
