"""Models of site, scenario and device profile; YAML with line numbers; JSON Schema.

Reading a file either gives a model or raises SpecError with every problem of the file, each
as `file:line:column: what is wrong` and the fix. Nothing here opens a socket.
"""
