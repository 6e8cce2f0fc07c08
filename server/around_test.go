package server

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

func TestPanicIsAnError(t *testing.T) {
	e := echo.New()
	caught := ""
	e.HTTPErrorHandler = func(err error, c echo.Context) { caught = err.Error() }
	e.GET("/", func(echo.Context) error { panic("on purpose") }, recovered)
	e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	if !strings.Contains(caught, "panic: on purpose") || !strings.Contains(caught, "around_test.go") {
		t.Errorf("the error is %q", caught)
	}
}
