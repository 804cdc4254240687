"""What a fediverse server does with a request: pure, with the time given.

Nothing here opens a file, a socket or a clock. `application.Application` is the way in; the HTTP side
(`bridge.sandbox.server`) only carries bytes. The server judges a client independently, so no module here
imports the client's own rendering, counting or pacing.
"""
