internal import CYAML
internal import GlissadeGraph

/// Reads one YAML document through libyaml's events.
///
/// The event interface gives a position with each event and lets anchors, aliases, tags and depth be refused before a
/// tree exists; libyaml's own document tree would be built first and asked later.
struct YAMLReader: ~Copyable {
  private let source: SourceText
  /// On the heap: libyaml keeps a pointer from the parser to itself, so it must not move.
  private let parser: UnsafeMutablePointer<yaml_parser_t>

  /// A reader of a text whose bytes are UTF-8.
  private init(_ source: SourceText) {
    self.source = source
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// Sends the events of a text to a builder.
  static func read(_ source: SourceText, into builder: inout TreeBuilder) throws(GraphError) {
    let reader = YAMLReader(source)
    guard yaml_parser_initialize(reader.parser) == 1 else {
      throw builder.failure(
        "there is not enough memory to read the file", at: source.position(line: 0, column: 0))
    }
    // The pointer stays valid for the whole loop, as libyaml demands of its input.
    try source.bytes.withUnsafeBufferPointer { bytes throws(GraphError) in
      yaml_parser_set_input_string(reader.parser, bytes.baseAddress, bytes.count)
      yaml_parser_set_encoding(reader.parser, YAML_UTF8_ENCODING)
      try reader.readEvents(into: &builder)
    }
  }

  private func readEvents(into builder: inout TreeBuilder) throws(GraphError) {
    var event = yaml_event_t()
    while true {
      guard yaml_parser_parse(parser, &event) == 1 else {
        throw YAMLSyntax.failure(of: parser.pointee, in: source, builder)
      }
      defer { yaml_event_delete(&event) }
      switch event.type {
      case YAML_STREAM_END_EVENT: return
      case YAML_DOCUMENT_START_EVENT:
        if builder.isComplete {
          throw builder.failure(
            "a second document begins here: a graph file holds one",
            at: position(of: event))
        }
      case YAML_SCALAR_EVENT: try scalar(event, into: &builder)
      case YAML_SEQUENCE_START_EVENT:
        let start = event.data.sequence_start
        try refuse(anchor: start.anchor, tag: start.tag, at: event, builder)
        try builder.begin(map: false, at: position(of: event))
      case YAML_MAPPING_START_EVENT:
        let start = event.data.mapping_start
        try refuse(anchor: start.anchor, tag: start.tag, at: event, builder)
        try builder.begin(map: true, at: position(of: event))
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: builder.end()
      case YAML_ALIAS_EVENT:
        throw builder.failure(
          "graph files have no aliases: write the value out, or put the text in quotes",
          at: position(of: event))
      default: break
      }
    }
  }

  private func scalar(_ event: yaml_event_t, into builder: inout TreeBuilder) throws(GraphError) {
    let scalar = event.data.scalar
    let position = position(of: event)
    try refuse(anchor: scalar.anchor, tag: scalar.tag, at: event, builder)
    try builder.checkText(byteCount: scalar.length, at: position)
    // The bytes belong to the event, which outlives this copy.
    let text = String(
      decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
    let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
    if builder.awaitsKey {
      try builder.key(text, plain: isPlain, at: position)
    } else if isPlain {
      try builder.scalar(meaning: CoreSchema.meaning(of: text), of: text, at: position)
    } else {
      try builder.scalar(.text(text), at: position)
    }
  }

  private func refuse(
    anchor: UnsafePointer<yaml_char_t>?, tag: UnsafePointer<yaml_char_t>?, at event: yaml_event_t,
    _ builder: borrowing TreeBuilder
  ) throws(GraphError) {
    if anchor != nil {
      throw builder.failure(
        "graph files have no anchors: write the value out, or put the text in quotes",
        at: position(of: event))
    }
    if tag != nil {
      throw builder.failure(
        "graph files have no tags: leave it out, or put the text in quotes",
        at: position(of: event))
    }
  }

  private func position(of event: yaml_event_t) -> SourcePosition {
    let (start, end) = (event.start_mark, event.end_mark)
    let length = start.line == end.line ? end.column - start.column : 1
    return source.position(line: start.line, column: start.column, length: length)
  }
}
