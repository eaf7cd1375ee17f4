func storeBenchmark() throws {}
