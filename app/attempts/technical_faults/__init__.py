"""技术故障: attempts lost to a machine, the network or the power, as two people recognise (decision 0034)."""
