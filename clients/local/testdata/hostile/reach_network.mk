# Speaks to the machine's own services, to the network, and to sockets without a file.
all:
	-for address in $(ADDRESSES); do timeout 5 bash -c "echo hello > /dev/tcp/$$address/$(PORT)" && echo REACHED $$address; done
	-perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0); connect(S, pack_sockaddr_un("\0$(ABSTRACT)")) and syswrite(S, "hello\n") and print "REACHED abstract\n"'
	@echo attacked
