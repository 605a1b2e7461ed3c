"""The load: many candidates over kept connections, whatever the service makes of them; measurements use it too."""
