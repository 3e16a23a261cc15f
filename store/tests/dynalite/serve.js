// Serves dynalite on an ephemeral port of the loopback, says where on standard output, and stops when standard input ends, so
// that it does not outlive the test that started it.
'use strict'

const server = require('dynalite')({ createTableMs: 0, deleteTableMs: 0 })

server.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`)
})
process.stdin.on('end', () => process.exit(0)).resume()
