// What `import Glissade` shows: the rooms whose types stand in what users read and write. They are exported whole, since
// a user who registers an operation needs nearly all of GlissadeGraph (specs, ports, stages, kernels), and one who reads
// a result needs tensors. Left out are GlissadeModels, GlissadeKernels and GlissadeData: graphs name models, losses and
// optimizers by word, so their types (`Optimizer`, `Loss`, `Schedule`) stay free for the user's own.

@_exported public import GlissadeFormat
@_exported public import GlissadeGraph
@_exported public import GlissadeOperations
@_exported public import GlissadeRuntime
@_exported public import GlissadeSystem
@_exported public import GlissadeTensor
