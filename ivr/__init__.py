"""The phone edge: AMI bytes become a call one can command."""
