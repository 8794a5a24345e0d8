"""One HTTP exchange with all its bounds; nothing else on the seat speaks HTTP."""

from sync.client.transport.wire import Call, OpenLine, Transport

__all__ = ["Call", "OpenLine", "Transport"]
