import Foundation
import Glissade
import Testing

/// A fenced block of an article.
private struct Block: CustomStringConvertible {
  var article: String
  var line: Int
  var language: String
  /// The paragraph above it.
  var paragraph: String
  var lines: [String] = []

  var description: String { "\(article):\(line) \(language)" }
  var text: String { lines.joined(separator: "\n") + "\n" }

  static func all() throws -> [Block] {
    let directory = repository + "/Sources/Glissade/Glissade.docc"
    let articles = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    return try articles.filter { $0.hasSuffix(".md") }.flatMap { article -> [Block] in
      let text = try String(contentsOfFile: directory + "/" + article, encoding: .utf8)
      var blocks: [Block] = []
      var open: Block?
      var paragraph = ""
      var isBelowEmpty = true
      for (number, line) in text.components(separatedBy: "\n").enumerated() {
        if line.hasPrefix("```") {
          if let block = open {
            blocks.append(block)
            open = nil
          } else {
            open = Block(
              article: article, line: number + 1, language: String(line.dropFirst(3)),
              paragraph: paragraph)
            paragraph = ""
          }
        } else if open != nil {
          open?.lines.append(line)
        } else {
          if !line.isEmpty { paragraph = isBelowEmpty ? line : paragraph + " " + line }
          isBelowEmpty = line.isEmpty
        }
      }
      #expect(open == nil, "\(article) ends inside a block")
      return blocks
    }
  }
}

/// What the articles show is compiled, or read and checked.
@Suite struct DSLDocumentationTests {
  @Test func everyBlockHasALanguageThatIsTested() throws {
    let blocks = try Block.all()
    let languages = Set(blocks.map(\.language))
    #expect(languages == ["yaml", "swift", "text"])
    #expect(blocks.filter { $0.language == "yaml" }.count >= 13)
    #expect(blocks.filter { $0.language == "swift" }.count >= 5)
  }

  /// Whole graphs stand for themselves; nodes alone change the first whole graph of their article.
  @Test func graphsInTheArticlesResolveAndRun() throws {
    var first: [String: GraphDescription] = [:]
    for block in try Block.all() where block.language == "yaml" {
      let isWhole = block.lines.first?.hasPrefix("glissade:") == true
      let nodes = block.lines.map { "  " + $0 }.joined(separator: "\n")
      let text = isWhole ? block.text : "glissade: 1\nname: part\nnodes:\n" + nodes + "\n"
      var description = try GraphReader.read(Array(text.utf8), file: "\(block)")
      if isWhole {
        first[block.article] = first[block.article] ?? description
      } else {
        var base = try #require(first[block.article], "\(block) has no graph to change")
        for node in description.nodes {
          if let index = base.nodes.firstIndex(where: { $0.name == node.name }) {
            base.nodes[index] = node
          } else {
            base.nodes.append(node)
          }
        }
        base.run = [AttributeEntry("until", ["epochs": 1])]
        base.outputs = []
        description = base
      }
      let graph = TrainingGraph(description, directory: repository + "/Graphs")
      #expect(refusal(graph).isEmpty, "\(block)")
      let plan = try graph.plan()
      #expect(plan.step.table.taskCount > 0, "\(block)")
      // What an article says is not computed is what a run refuses.
      let isComputed = !block.paragraph.contains("Not computed by this version")
      #expect(plan.graph.notBuilt.isEmpty == isComputed, "\(block)")
      if isComputed, !isWhole { #expect(try Engine(plan).run().status == .done, "\(block)") }
    }
  }

  /// Each Swift block stands, line for line, in a file that is compiled with these tests.
  @Test func swiftInTheArticlesIsCompiled() throws {
    let path = repository + "/Tests/GlissadeTests/DSLDocumentationExamples.swift"
    let compiled = try String(contentsOfFile: path, encoding: .utf8)
      .components(separatedBy: "\n").map(trimmed).filter { !$0.isEmpty }
    for block in try Block.all() where block.language == "swift" {
      let lines = block.lines.map(trimmed).filter { !$0.isEmpty }
      let isThere = compiled.indices.contains { start in
        compiled[start...].prefix(lines.count).elementsEqual(lines)
      }
      #expect(isThere, "\(block) is not in \(path)")
    }
  }

  private func trimmed(_ line: String) -> String {
    line.trimmingCharacters(in: .whitespaces)
  }
}
