"""The client of the Bigdata.com API, against canned answers and real sockets."""
